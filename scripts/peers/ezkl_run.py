"""One step of EZKL in a process of its own: `ezkl_run.py STEP FOLDER SCALE`.

The folder holds model.onnx and input.json. The last line printed is a JSON object: wall and CPU seconds of the call,
the process's peak memory, and for `prove` also those of the proof alone, from EZKL's own log events, without
loading the proving key (its API loads it from disk for every proof).
"""

import asyncio
import json
import logging
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ezkl

from measure import cpu_seconds, peak_rss_mb

Step = Callable[[Path, int], None]


class ProofClock(logging.Handler):
    """Notes wall and CPU time when EZKL says that a proof starts and ends."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.marks: dict[str, tuple[float, float]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        for mark in ("proof started", "proof took"):
            if message.startswith(mark):
                self.marks[mark] = (time.monotonic(), cpu_seconds())

    def spent(self) -> dict[str, float]:
        """Seconds between the two."""
        (wall, cpu), (wall_end, cpu_end) = self.marks["proof started"], self.marks["proof took"]
        return {"proof_wall_s": wall_end - wall, "proof_cpu_s": cpu_end - cpu}


def settings(folder: Path, scale: int) -> None:
    """Inputs and outputs public, parameters fixed in the circuit: as in our proofs."""
    arguments = ezkl.PyRunArgs()
    arguments.input_visibility = "public"
    arguments.output_visibility = "public"
    arguments.param_visibility = "fixed"
    arguments.input_scale = scale
    arguments.param_scale = scale
    ezkl.gen_settings(str(folder / "model.onnx"), str(folder / "settings.json"), arguments)


def calibrate(folder: Path, scale: int) -> None:
    """EZKL's own choice of lookup range and size, for few resources."""
    ezkl.calibrate_settings(
        str(folder / "input.json"),
        str(folder / "model.onnx"),
        str(folder / "settings.json"),
        "resources",
        scales=[scale],
    )


def compile_circuit(folder: Path, _: int) -> None:
    """The network as EZKL's circuit description."""
    ezkl.compile_circuit(str(folder / "model.onnx"), str(folder / "circuit.ezkl"), str(folder / "settings.json"))


def srs(folder: Path, _: int) -> None:
    """A reference string made here, kept beside the networks: good for a benchmark and for nothing else."""
    logrows = json.loads((folder / "settings.json").read_text())["run_args"]["logrows"]
    kept = folder.parent / f"local-{logrows}.srs"
    if not kept.exists():
        ezkl.gen_srs(str(folder / "new.srs"), logrows)
        shutil.move(folder / "new.srs", kept)
    (folder / "srs").unlink(missing_ok=True)
    (folder / "srs").symlink_to(kept.resolve())


def setup(folder: Path, _: int) -> None:
    """Key generation."""
    ezkl.setup(str(folder / "circuit.ezkl"), str(folder / "vk"), str(folder / "pk"), str(folder / "srs"))


def witness(folder: Path, _: int) -> None:
    """The forward pass."""
    ezkl.gen_witness(str(folder / "input.json"), str(folder / "circuit.ezkl"), str(folder / "witness.json"))


def prove(folder: Path, _: int) -> None:
    """A proof."""
    names = ("witness.json", "circuit.ezkl", "pk", "proof.json", "srs")
    ezkl.prove(*(str(folder / name) for name in names))


def verify(folder: Path, _: int) -> None:
    """Native verification; raises when it fails."""
    ezkl.verify(*(str(folder / name) for name in ("proof.json", "settings.json", "vk", "srs")))


def solidity(folder: Path, _: int) -> None:
    """The verifier's source and the calldata of its call.

    EZKL writes the source first and fails only then, where it cannot download solc for the ABI.
    """

    async def create() -> None:
        await ezkl.create_evm_verifier(
            *(str(folder / name) for name in ("vk", "settings.json", "verifier.sol", "abi", "srs"))
        )

    (folder / "verifier.sol").unlink(missing_ok=True)
    try:
        asyncio.run(create())
    except RuntimeError as error:
        if "svm" not in str(error) or not (folder / "verifier.sol").exists():
            raise
    ezkl.encode_evm_calldata(str(folder / "proof.json"), str(folder / "calldata"))


STEPS: dict[str, Step] = {
    "settings": settings,
    "calibrate": calibrate,
    "compile": compile_circuit,
    "srs": srs,
    "setup": setup,
    "witness": witness,
    "prove": prove,
    "verify": verify,
    "solidity": solidity,
}


def main() -> None:
    """Runs the step and prints what it cost."""
    step, folder, scale = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    clock = ProofClock()
    logging.getLogger().addHandler(clock)
    logging.getLogger().setLevel(logging.INFO)
    wall, cpu = time.monotonic(), cpu_seconds()
    STEPS[step](folder, scale)
    cost = {"wall_s": time.monotonic() - wall, "cpu_s": cpu_seconds() - cpu, "peak_rss_mb": peak_rss_mb()}
    if step == "prove":
        cost |= clock.spent()
    print()
    print(json.dumps({name: round(value, 3) for name, value in cost.items()}))


if __name__ == "__main__":
    main()
