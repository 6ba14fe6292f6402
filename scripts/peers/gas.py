"""Gas of EZKL's generated verifier: compiled by the npm solc, deployed on a local chain, called once."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The largest limit of one transaction (EIP-7825).
GAS_LIMIT = hex(2**24)
# Runs of the optimiser: EZKL's default, and the project's own; the cheaper call counts.
OPTIMISER_RUNS = (1, 1000)


def compile_verifier(source: Path, root: Path, runs: int) -> tuple[str, int]:
    """Creation code, and the length of the runtime code."""
    request = {
        "language": "Solidity",
        "sources": {"verifier.sol": {"content": source.read_text()}},
        "settings": {
            "optimizer": {"enabled": True, "runs": runs},
            "evmVersion": "osaka",
            "outputSelection": {"*": {"*": ["evm.bytecode.object", "evm.deployedBytecode.object"]}},
        },
    }
    command = ["node", str(root / "scripts/solc.mjs"), "--standard-json"]
    done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=True, cwd=root)
    answer = json.loads(done.stdout)
    errors = [error["message"] for error in answer.get("errors", []) if error["severity"] == "error"]
    if errors:
        raise RuntimeError(f"solc: {errors[0]}")
    code = answer["contracts"]["verifier.sol"]["Halo2Verifier"]["evm"]
    return code["bytecode"]["object"], len(code["deployedBytecode"]["object"]) // 2


@contextmanager
def anvil(root: Path) -> Iterator[str]:
    """A local chain with mainnet's limits; gives its URL."""
    command = [str(root / "node_modules/.bin/anvil"), "--hardfork", "osaka", "--port", "0"]
    chain = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert chain.stdout is not None
        line = next((line for line in chain.stdout if line.startswith("Listening on")), None)
        if line is None:
            raise RuntimeError("anvil did not start")
        yield "http://" + line.removeprefix("Listening on").strip()
    finally:
        chain.terminate()
        chain.wait()


def rpc(url: str, method: str, *parameters: Any) -> Any:
    """One JSON-RPC call."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(f"{method}: {answer['error']['message']}")
    return answer["result"]


def transact(url: str, transaction: dict[str, str]) -> dict[str, Any]:
    """Sends a transaction; its receipt."""
    account = rpc(url, "eth_accounts")[0]
    digest = rpc(url, "eth_sendTransaction", {"from": account, "gas": GAS_LIMIT} | transaction)
    receipt: dict[str, Any] | None = None
    while receipt is None:
        time.sleep(0.05)
        receipt = rpc(url, "eth_getTransactionReceipt", digest)
    if receipt["status"] != "0x1":
        raise RuntimeError(f"transaction {digest} reverted")
    return receipt


def measure(source: Path, calldata: bytes, root: Path) -> dict[str, int]:
    """Gas of the whole transaction that calls the verifier, and the sizes that go with it."""
    results = []
    with anvil(root) as url:
        for runs in OPTIMISER_RUNS:
            creation, code_bytes = compile_verifier(source, root, runs)
            deployed = transact(url, {"data": "0x" + creation})
            call = {"to": deployed["contractAddress"], "data": "0x" + calldata.hex()}
            if int(rpc(url, "eth_call", call, "latest"), 16) != 1:
                raise RuntimeError("the verifier rejects the proof")
            receipt = transact(url, call)
            results.append({"gas": int(receipt["gasUsed"], 16), "code_bytes": code_bytes, "optimiser_runs": runs})
    return min(results, key=lambda result: result["gas"]) | {"calldata_bytes": len(calldata)}
