"""EZKL and our prover on the same ONNX files, in turns on one machine: `bench.py` writes docs/figures/peers.json.

Run it by `make bench-peers`. Networks are data (networks.py); one that our prover refuses is reported as refused.
"""

import argparse
import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
from pathlib import Path
from statistics import median
from typing import Any

import agreement
import report
from measure import machine, run
from networks import NETWORKS, Network, write_random
from ours import PROFILES, Bench, Refused, reason
from peer import Peer

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/btcusdt-1m-60"
FIGURES = ROOT / "docs/figures/peers.json"
TABLE = ROOT / "docs/peers.md"


def files(network: Network, binaries: Path, folder: Path) -> tuple[Path, Path | None, str | None]:
    """The network's ONNX file, our integer model of it, and why there is none if there is none."""
    onnx_file = folder / f"{network.name}.onnx"
    distill = str(binaries / "distill")
    if network.activation is None:
        weights = MODEL / "weights.json"
        done = run([distill, "export-onnx", "--model", str(weights), "--out", str(onnx_file)])
        if done.code != 0:
            raise RuntimeError(reason(done.stderr))
        return onnx_file, weights, None
    write_random(network, onnx_file)
    weights = folder / f"{network.name}.json"
    done = run([distill, "import-onnx", str(onnx_file), "--bits", "8", "--out", str(weights)])
    if done.code == 0:
        return onnx_file, weights, None
    return onnx_file, None, done.stderr.strip().split("Caused by:")[-1].strip().splitlines()[0].strip()


def compare(network: Network, arguments: argparse.Namespace, binaries: Path, folder: Path) -> dict[str, Any]:
    """All figures of one network."""
    onnx_file, weights, refusal = files(network, binaries, folder)
    result: dict[str, Any] = {
        "name": network.name,
        "title": network.title,
        "onnx_sha256": hashlib.sha256(onnx_file.read_bytes()).hexdigest(),
        "onnx_bytes": onnx_file.stat().st_size,
    }
    benches: dict[str, Bench] = {}
    ours: dict[str, dict[str, Any]] = {profile: {"profile": profile} for profile in PROFILES}
    if weights is None:
        for figures in ours.values():
            figures["refused"] = refusal
    else:
        result["agreement"] = agreement.compare(onnx_file, weights, network.tolerance)
        # The shipped network needs no --network.
        named = None if network.activation is None else weights
        for profile in PROFILES:
            bench = Bench(binaries / "veriregime", ROOT, MODEL, named, profile)
            try:
                ours[profile] |= bench.with_gas() | {"rounds": []}
                benches[profile] = bench
            except Refused as refused:
                ours[profile]["refused"] = str(refused)
    peers = {scale: Peer(onnx_file, folder / f"ezkl-{network.name}-{scale}", scale) for scale in arguments.scales}
    theirs: dict[int, dict[str, Any]] = {}
    for scale, peer in peers.items():
        print(f"{network.name}: EZKL keys at scale {scale}", flush=True)
        theirs[scale] = peer.prepare() | {"proofs": []}
    for turn in range(arguments.rounds):
        for scale, peer in peers.items():
            theirs[scale]["proofs"].append(peer.step("prove"))
            print(f"{network.name}: round {turn + 1}, EZKL scale {scale}: {theirs[scale]['proofs'][-1]}", flush=True)
        for profile, bench in benches.items():
            ours[profile]["rounds"].append(bench.round())
            print(f"{network.name}: round {turn + 1}, ours {profile}: {ours[profile]['rounds'][-1]}", flush=True)
    for scale, peer in peers.items():
        theirs[scale] |= peer.conclude(ROOT)
    result["ezkl"] = [summarise_peer(figures) for figures in theirs.values()]
    result["ours"] = [summarise_ours(figures) for figures in ours.values()]
    return result


def summarise_peer(figures: dict[str, Any]) -> dict[str, Any]:
    """Medians beside all samples."""
    proofs = figures["proofs"]
    names = {"prove_s": "proof_wall_s", "prove_cpu_s": "proof_cpu_s", "call_s": "wall_s", "call_cpu_s": "cpu_s"}
    medians = {name: round(median(proof[key] for proof in proofs), 3) for name, key in names.items()}
    return figures | {"median": medians | {"peak_rss_mb": max(proof["peak_rss_mb"] for proof in proofs)}}


def summarise_ours(figures: dict[str, Any]) -> dict[str, Any]:
    """Medians of the rounds beside all rounds."""
    rounds = figures.get("rounds")
    if not rounds:
        return figures
    return figures | {
        "median": {
            "prove_s": round(median(one["prove_ms"]["median"] for one in rounds) / 1000, 4),
            "prove_cpu_s": round(median(one["prove_cpu_s"] for one in rounds), 3),
            "keygen_s": round(median(one["keygen_ms"] for one in rounds) / 1000, 3),
            "peak_rss_mb": max(one["peak_rss_mb"] for one in rounds),
        }
    }


def versions(binaries: Path) -> dict[str, str]:
    """Versions of everything that the figures depend on."""
    packages = {name: importlib.metadata.version(name) for name in ("ezkl", "onnx", "onnxruntime", "numpy")}
    node = json.loads((ROOT / "node_modules/solc/package.json").read_text())["version"]
    anvil = json.loads((ROOT / "node_modules/@foundry-rs/anvil/package.json").read_text())["version"]
    commit = run(["git", "describe", "--always", "--dirty"], ROOT).stdout.strip()
    product = run([str(binaries / "veriregime"), "--version"]).stdout.strip().split()[-1]
    rustc = run(["rustc", "--version"]).stdout.strip().removeprefix("rustc ")
    tools = {"python": platform.python_version(), "rustc": rustc, "solc": node, "anvil": anvil}
    return {"veriregime": f"{product} ({commit})"} | packages | tools


def main() -> None:
    """Measures, then writes the figures and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="EZKL proofs by network and scale")
    parser.add_argument("--scales", type=int, nargs="+", default=[13], help="EZKL's input and parameter scales")
    parser.add_argument("--networks", nargs="+", default=[network.name for network in NETWORKS])
    parser.add_argument("--out", type=Path, default=FIGURES, help="the table is written only with the default")
    arguments = parser.parse_args()
    binaries = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    os.environ["RUST_BACKTRACE"] = "0"
    folder = ROOT / "target/peers"
    folder.mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    chosen = [network for network in NETWORKS if network.name in arguments.networks]
    figures = {
        "format": "veriregime-peers/1",
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "machine": machine() | {"load_before": round(load, 2)},
        "versions": versions(binaries),
        "networks": [compare(network, arguments, binaries, folder) for network in chosen],
    }
    arguments.out.write_text(json.dumps(figures, indent=2) + "\n")
    if arguments.out == FIGURES:
        TABLE.write_text(report.page(figures))
    print(report.page(figures))


if __name__ == "__main__":
    main()
