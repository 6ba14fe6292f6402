"""A child process under limits of memory and time."""

import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GB = 10**9
TIME = "time"
POLL_S = 0.1
# Address space beyond the limit: stacks, arenas and mapped files that are never resident.
SLACK = 2 * GB


@dataclass(frozen=True)
class Limited:
    """A child that ended or was ended; `stopped` says what for."""

    code: int
    wall_s: float
    peak_mb: float
    stdout: str
    stderr: str
    stopped: str | None


def resident(pid: int) -> tuple[int, int]:
    """Bytes resident now, and at most so far; zeros once the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0, 0
    found = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith(("VmRSS:", "VmHWM:"))}
    return int(found.get("VmRSS", 0)) * 1024, int(found.get("VmHWM", 0)) * 1024


def run_limited(command: Sequence[str], memory: int, seconds: float) -> Limited:
    """Runs a command; kills it above `memory` resident bytes or after `seconds`.

    The kernel refuses it address space well beyond the limit, and takes it before anything else if the machine's
    memory ends first.
    """

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory + SLACK, memory + SLACK))
        Path("/proc/self/oom_score_adj").write_text("1000")

    started, peak, stopped = time.monotonic(), 0, None
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True, preexec_fn=restrict
        )
        try:
            while child.poll() is None:
                now, most = resident(child.pid)
                peak = max(peak, most)
                if now > memory:
                    stopped = f"killed at {memory / GB:g} GB"
                elif time.monotonic() - started > seconds:
                    stopped = TIME
                if stopped:
                    break
                time.sleep(POLL_S)
        finally:
            if child.poll() is None:
                child.kill()
            code = child.wait()
        wall = time.monotonic() - started
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read())
    if stopped is None and code == -signal.SIGABRT and "memory allocation" in texts[1]:
        stopped = f"memory refused beyond {memory / GB:g} GB"
    elif stopped is None and code == -signal.SIGKILL:
        stopped = "killed by the kernel"
    return Limited(code, wall, peak / 1e6, *texts, stopped)
