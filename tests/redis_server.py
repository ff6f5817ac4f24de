"""A Redis of a test's own, which it may kill."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def free_port() -> int:
    """Return a port that nobody listens at just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run a Redis that keeps nothing on disk."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server was not found.")
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    redis = subprocess.Popen([server, "--port", str(port), *quiet], stdout=subprocess.PIPE, text=True)
    try:
        assert redis.stdout
        assert any("eady to accept connections" in line for line in redis.stdout)
        yield redis
    finally:
        redis.kill()
        redis.communicate(timeout=10)
