"""Asks wrk, and reads what it says."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

POST = Path(__file__).with_name("post.lua")
CONNECTIONS = 16
# As browsers do. What answers uncompressed, like the bare pages, is not touched by it.
ENCODINGS = "Accept-Encoding: gzip, deflate, br"


@dataclass(frozen=True)
class Load:
    """How one address is asked."""

    url: str
    cookie: str = ""
    form: str = ""
    connections: int = CONNECTIONS


@dataclass(frozen=True)
class Answers:
    """How many requests a second were answered, and within how many milliseconds 99 of 100 were."""

    rate: float
    p99: float


def run(load: Load, seconds: int) -> Answers:
    """Ask one address over and over. Ends the benchmark where an answer is no success."""
    threads = min(2, load.connections)
    command = [
        "wrk",
        "--latency",
        f"-t{threads}",
        f"-c{load.connections}",
        f"-d{seconds}s",
        "-H",
        ENCODINGS,
    ]
    if load.cookie:
        command += ["-H", f"Cookie: {load.cookie}"]
    if load.form:
        command += ["-s", str(POST)]
    command += [load.url, *(["--", load.form] if load.form else [])]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout
    if wrong := re.search(r"Non-2xx.*|Socket errors.*", said):
        raise SystemExit(f"{load.url}: {wrong[0]}")
    return Answers(float(_found(r"Requests/sec:\s+([0-9.]+)", said)), _milliseconds(said))


def _milliseconds(said: str) -> float:
    number, unit = re.search(r"99%\s+([0-9.]+)(us|ms|s|m)", said).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    if found is None:
        raise SystemExit(f"wrk said nothing of use:\n{said}")
    return found[1]
