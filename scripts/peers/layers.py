"""EZKL on the layer suite and LeNet-5, each step under limits: `layers.py` writes models/reports/layers-ezkl.json.

Run it by `make bench-layers-peer` on a quiet machine. What the file has already is skipped, so a run can go on where
another stopped. Names are those of our own reports, `make bench-layers` and `make bench-lenet`.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from math import ceil, log2, prod
from pathlib import Path
from typing import Any, NamedTuple

from layer_models import write
from layer_suite import ROOT, experiments
from limits import GB, TIME, Limited, run_limited
from measure import machine

OUT = ROOT / "models/reports/layers-ezkl.json"
FOLDER = ROOT / "target/peers/layers"
STEPS = ("settings", "calibrate", "compile", "srs", "setup", "witness", "prove", "verify")
MEMORY_GB = 20.0
LIMIT_S = 300.0
# The reference string is shared by all experiments of its size, so making it has a limit of its own.
SRS_LIMIT_S = 900.0
# Least resident bytes by row (2^k) of the process that proves: of EZKL's narrowest circuit (10,270 to 10,800 at k = 15
# to 17), and of every further block of columns (6,800 and 17,000 in two networks). What needs more is not tried.
ROW_BYTES = 10_270
BLOCK_BYTES = 6_000
# Calibration may save rows, by a quarter where most; it is only left out when an eighth of them would not fit either.
CALIBRATION = 8
LARGEST_K = 28
VISIBILITY = {"input": "public", "output": "public", "params": "fixed"}


class Stopped(Exception):
    """Why an experiment has no proof."""


class Limits(NamedTuple):
    """What an experiment may take."""

    seconds: float
    memory: int
    logrows: int | None = None


class Experiment:
    """One network at one scale."""

    def __init__(self, network: str, scale: int, limits: Limits) -> None:
        self.network, self.scale, self.limits, self.left = network, scale, limits, limits.seconds
        kept = "".join(letter if letter.isalnum() else "-" for letter in network)
        self.folder = FOLDER / f"{kept}-{scale}"
        self.steps: dict[str, dict[str, float]] = {}
        self.calibrated: dict[str, int] = {}

    def step(self, name: str) -> None:
        """One step in a process of its own; raises with the reason why it did not end well."""
        script = Path(__file__).with_name("ezkl_run.py")
        command = [sys.executable, str(script), name, str(self.folder), str(self.scale)]
        seconds = SRS_LIMIT_S if name == "srs" else self.left
        done = run_limited(command, self.limits.memory, seconds)
        if name != "srs":
            self.left -= done.wall_s
        if done.code == 0 and not done.stopped:
            self.steps[name] = json.loads(done.stdout.strip().splitlines()[-1])
            return
        self.steps[name] = {"wall_s": round(done.wall_s, 3), "peak_rss_mb": round(done.peak_mb, 1)}
        if done.stopped == TIME:
            whole = SRS_LIMIT_S if name == "srs" else self.limits.seconds
            raise Stopped(f"stopped after {whole:g} s in {name}")
        raise Stopped(f"{done.stopped or message(done)} in {name}")

    def settings(self) -> dict[str, Any]:
        """Size of the circuit, as far as it is known."""
        path = self.folder / "settings.json"
        if not path.exists():
            return {}
        settings = json.loads(path.read_text())
        # Until the calibration, logrows is the default.
        k = {"k": settings["run_args"]["logrows"]} if "cpu_s" in self.steps.get("calibrate", {}) else {}
        values = sum(prod(shape) for shape in settings["model_instance_shapes"])
        return self.calibrated | k | {"rows": settings["num_rows"], "public_values": values}

    def fits(self, k: int, rows: int, what: str) -> None:
        """Raises if even the narrowest circuit for so many rows needs more memory than there may be."""
        needed = (ROW_BYTES + (ceil(rows / 2**k) - 1) * BLOCK_BYTES) << k
        if needed > self.limits.memory:
            raise Stopped(f"{what} k = {k}, so at least {needed / GB:.1f} GB: not tried")

    def fit(self, name: str) -> None:
        """After settings and calibration: whether to go on; fewer and wider rows where they are asked for."""
        if name == "settings":
            rows = ceil(self.settings()["rows"] / CALIBRATION)
            k = min(ceil(log2(rows)), self.limits.logrows or LARGEST_K)
            self.fits(k, rows, f"1/{CALIBRATION} of its rows before calibration needs")
        elif name == "calibrate":
            size = self.settings()
            if self.limits.logrows and size["k"] > self.limits.logrows:
                self.calibrated = {"calibrated_k": size["k"]}
                settings = json.loads((self.folder / "settings.json").read_text())
                settings["run_args"]["logrows"] = self.limits.logrows
                (self.folder / "settings.json").write_text(json.dumps(settings))
            self.fits(self.settings()["k"], size["rows"], "needs")

    def run(self) -> dict[str, Any]:
        """Figures, or why there are none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            old.unlink()
        write(self.network, self.folder)
        failure: dict[str, str] = {}
        proof: dict[str, Any] = {}
        try:
            for name in STEPS:
                self.step(name)
                self.fit(name)
            proof = self.proof()
        except Stopped as stopped:
            failure["failure"] = str(stopped)
        figures = failure | self.settings() | proof | {"steps": self.steps}
        for name in ("pk", "new.srs"):
            (self.folder / name).unlink(missing_ok=True)
        return figures

    def proof(self) -> dict[str, Any]:
        """What a finished experiment cost."""
        setup, prove, path = self.steps["setup"], self.steps["prove"], self.folder / "proof.json"
        raw = json.loads(path.read_text())["hex_proof"].removeprefix("0x")
        return {
            "setup_s": setup["wall_s"],
            "setup_cpu_s": setup["cpu_s"],
            "prove_s": prove["proof_wall_s"],
            "prove_cpu_s": prove["proof_cpu_s"],
            "prove_call_s": prove["wall_s"],
            "verify_s": self.steps["verify"]["wall_s"],
            "proof_bytes": len(raw) // 2,
            "proof_file_bytes": path.stat().st_size,
            "pk_bytes": (self.folder / "pk").stat().st_size,
            "peak_mb": max(self.steps[name]["peak_rss_mb"] for name in ("setup", "witness", "prove")),
        }


def message(done: Limited) -> str:
    """EZKL's last line, shortened."""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return (lines[-1] if lines else f"exit {done.code}")[:200]


def main() -> None:
    """Runs what is missing and writes the file after every experiment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", choices=experiments(), help="may be repeated")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for an experiment (%(default)g)")
    parser.add_argument("--memory", type=float, default=MEMORY_GB, help="GB for a step (%(default)g)")
    parser.add_argument("--logrows", type=int, metavar="K", help="at most so large a k, with more columns")
    parser.add_argument("--again", action="store_true", help="also those that the file has")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    limits = Limits(arguments.limit, int(arguments.memory * GB), arguments.logrows)
    done = json.loads(arguments.out.read_text())["experiments"] if arguments.out.exists() else {}
    header = {
        "ezkl": importlib.metadata.version("ezkl"),
        "limit_s": arguments.limit,
        "memory_limit_gb": arguments.memory,
        "load": load(),
        "threads": int(os.environ.get("RAYON_NUM_THREADS", len(os.sched_getaffinity(0)))),
        "machine": machine(),
        "python": platform.python_version(),
        "visibility": VISIBILITY,
        "row_bytes": ROW_BYTES,
        "block_bytes": BLOCK_BYTES,
    }
    for name, (network, scale) in experiments().items():
        if (arguments.only and name not in arguments.only) or (name in done and not arguments.again):
            continue
        # Experiments of other runs may have had other limits, so each has its own.
        own = {"scale": scale, "limit_s": arguments.limit, "memory_limit_gb": arguments.memory, "load": load()}
        figures = Experiment(network, scale, limits).run()
        done[name] = own | figures
        ordered = {known: done[known] for known in experiments() if known in done}
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        partial = arguments.out.with_suffix(".new")
        partial.write_text(json.dumps(header | {"experiments": ordered}, indent=2) + "\n")
        partial.replace(arguments.out)
        print(f"{name}: {json.dumps({key: value for key, value in figures.items() if key != 'steps'})}", flush=True)


def load() -> float:
    """Load average of the last minute."""
    return round(os.getloadavg()[0], 2)


if __name__ == "__main__":
    main()
