"""Asks wrk, and reads what it says."""

import re
import shutil
import subprocess
from dataclasses import dataclass

CONNECTIONS = 16
# As browsers do. What answers uncompressed, like the bare pages, is not touched by it.
ENCODINGS = "Accept-Encoding: gzip, deflate, br"


@dataclass(frozen=True)
class Answers:
    """How many requests were answered, in all and a second, and within how many milliseconds 99 of 100 were."""

    requests: int
    rate: float
    p99: float


def is_there() -> bool:
    """Tell whether wrk is installed."""
    return shutil.which("wrk") is not None


def run(url: str, seconds: int, connections: int = CONNECTIONS) -> Answers:
    """Ask one address over and over. Ends the benchmark where an answer is no success."""
    threads = min(2, connections)
    command = ["wrk", "--latency", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "-H", ENCODINGS, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    if wrong := re.search(r"Non-2xx.*|Socket errors.*", said):
        raise SystemExit(f"{url}: {wrong[0]}")
    requests = int(_found(r"(\d+) requests in", said)[1])
    return Answers(requests, float(_found(r"Requests/sec:\s+([0-9.]+)", said)[1]), _milliseconds(said))


def _milliseconds(said: str) -> float:
    found = _found(r"99%\s+([0-9.]+)(us|ms|s|m)", said)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[found[2]]


def _found(pattern: str, said: str) -> re.Match[str]:
    found = re.search(pattern, said)
    if found is None:
        raise SystemExit(f"wrk said nothing of use:\n{said}")
    return found
