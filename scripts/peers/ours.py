"""Our prover's figures, from `veriregime bench`."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import run

PROFILES = ("gas", "speed")
# Proofs by round; the first of a process is among them.
PROOFS = 5


class Refused(Exception):
    """Our prover does not take the network or the profile; the message is its last line."""


@dataclass(frozen=True)
class Bench:
    """`veriregime bench` for one network and profile."""

    binary: Path
    root: Path
    model: Path
    network: Path | None
    profile: str

    def _call(self, proofs: int, cwd: Path) -> tuple[dict[str, Any], float]:
        """Figures and CPU seconds of a run."""
        which = ["--model", str(self.model)] if self.network is None else ["--network", str(self.network)]
        command = [str(self.binary), "bench", "--json", "--profile", self.profile, "--repeat", str(proofs), *which]
        done = run(command, cwd)
        if done.code != 0:
            raise Refused(reason(done.stderr))
        return json.loads(done.stdout), done.cpu_s

    def with_gas(self) -> dict[str, Any]:
        """Every figure of one proof; gas on a local chain."""
        return self._call(1, self.root)[0]

    def round(self) -> dict[str, Any]:
        """Proving time of a few proofs; CPU seconds of one, as the difference of runs with more and with one.

        Outside the checkout there are no contracts, so no local chain runs beside the proofs.
        """
        with tempfile.TemporaryDirectory() as outside:
            _, least = self._call(1, Path(outside))
            figures, most = self._call(1 + PROOFS, Path(outside))
        keep = ("keygen_ms", "verify_ms", "peak_rss_mb", "prove_ms")
        return {name: figures[name] for name in keep} | {"prove_cpu_s": round((most - least) / PROOFS, 3)}


def reason(stderr: str) -> str:
    """The message of a failed run, in one line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    message = next((line for line in lines if line.lower().startswith("error")), lines[-1] if lines else "no message")
    return message.removeprefix("error: ").removeprefix("Error: ")
