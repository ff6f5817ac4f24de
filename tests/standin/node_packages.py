"""Packages of npm, installed once into a folder under `var/` that all test workers share."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def installed(sources, name):
    """Return the folder where the packages of `sources/package.json` are, beside a copy of the other files there."""
    if not shutil.which("node") or not shutil.which("npm"):
        missing("Node was not found")
    cache = ROOT / "var" / name
    cache.parent.mkdir(exist_ok=True)
    # Test workers share the folder: the first installs, the others wait for it.
    with cache.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(sources, cache)
    return cache


def install(sources, cache):
    manifests = list(sources.glob("package*.json"))
    if not all(
        (cache / path.name).is_file() and (cache / path.name).read_bytes() == path.read_bytes()
        for path in manifests
    ):
        fresh = cache.with_name(f"{cache.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for path in manifests:
            shutil.copy(path, fresh)
        locked = (sources / "package-lock.json").is_file()
        words = ["ci"] if locked else ["install", "--no-package-lock"]
        command = ["npm", *words, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            missing(f"The Node packages could not be installed: {done.stderr[-300:]}")
        shutil.rmtree(cache, ignore_errors=True)
        fresh.rename(cache)
    for path in sources.rglob("*"):
        if path.is_file() and not path.name.startswith("package"):
            copy = cache / path.relative_to(sources)
            if not copy.is_file() or copy.read_bytes() != path.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


def missing(reason):
    """Skip the test, or fail where nothing may be skipped."""
    if "FOLIO_CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)
