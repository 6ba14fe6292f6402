"""EZKL on one network at one scale: keys once, then a proof whenever one is asked for."""

import json
import sys
from pathlib import Path
from typing import Any

import gas
from measure import run
from networks import windows

PREPARATION = ("settings", "calibrate", "compile", "srs", "setup", "witness")


class Peer:
    """A folder with EZKL's files for a network."""

    def __init__(self, onnx_file: Path, folder: Path, scale: int) -> None:
        self.folder, self.scale = folder, scale
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(onnx_file.read_bytes())
        window = (windows(1)[0] / 128).tolist()
        (folder / "input.json").write_text(json.dumps({"input_data": [window]}))

    def step(self, name: str) -> dict[str, float]:
        """One step in a process of its own; raises with EZKL's message."""
        script = Path(__file__).with_name("ezkl_run.py")
        done = run([sys.executable, str(script), name, str(self.folder), str(self.scale)])
        if done.code != 0:
            lines = done.stderr.strip().splitlines() or [f"exit {done.code}"]
            raise RuntimeError(f"EZKL {name}: {lines[-1]}")
        cost: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return cost

    def prepare(self) -> dict[str, Any]:
        """Everything before the first proof."""
        steps = {name: self.step(name) for name in PREPARATION}
        settings = json.loads((self.folder / "settings.json").read_text())
        arguments = settings["run_args"]
        return {
            "scale": self.scale,
            "k": arguments["logrows"],
            "rows": settings["num_rows"],
            "lookup_range": arguments["lookup_range"],
            "decomposition": [arguments["decomp_base"], arguments["decomp_legs"]],
            "srs": "generated here, insecure: time, size and gas do not depend on its secret",
            "steps": steps,
            "pk_bytes": (self.folder / "pk").stat().st_size,
            "vk_bytes": (self.folder / "vk").stat().st_size,
        }

    def conclude(self, root: Path) -> dict[str, Any]:
        """What the last proof needs on chain."""
        steps = {name: self.step(name) for name in ("verify", "solidity")}
        proof = json.loads((self.folder / "proof.json").read_text())["hex_proof"]
        calldata = (self.folder / "calldata").read_bytes()
        (self.folder / "pk").unlink()  # hundreds of megabytes
        return {
            "verify_ms": round(steps["verify"]["wall_s"] * 1000, 1),
            "proof_bytes": len(proof.removeprefix("0x")) // 2,
            "chain": gas.measure(self.folder / "verifier.sol", calldata, root),
        }
