"""Every major version of Stripe's SDKs that these runtimes can hold walks the same day: a customer, a payment confirmed
on the server, a decline, lists and searches, a refund, a saved card, the events, a webhook's signature."""

import fcntl
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.standin import node_packages
from tests.standin.mailbox import Mailbox

SDKS = Path(__file__).parent / "sdks"
PYTHON = dict(re.findall(r"^stripe==((\d+)\.\S+)", (SDKS / "python.txt").read_text(), re.MULTILINE))
NODE = json.loads((SDKS / "node" / "package.json").read_text())["dependencies"]
SECRET = "whsec_sdk"


def python_sdk(version):
    """Return the folder that holds one version of the Python SDK and nothing else; the first worker installs it."""
    folder = node_packages.ROOT / "var" / "sdks" / f"python-{version}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            fresh = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                       "--target", fresh, f"stripe=={version}"]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                node_packages.missing(f"stripe {version} could not be installed: {done.stderr[-300:]}")
            fresh.rename(folder)
    return folder


@pytest.fixture(scope="session")
def node_sdks():
    return node_packages.installed(SDKS / "node", "sdks-node")


@pytest.fixture
def box(standin):
    made = Mailbox()
    standin.send_webhooks_to(made.url, SECRET)
    yield made
    made.stop()


def walk(standin, box, command):
    """Run a day; hand it the delivery that it asks for; return its last line."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([str(word) for word in command], text=True, **pipes) as day:
        if day.stdout.readline() != "webhook\n":
            pytest.fail(day.communicate(timeout=60)[1][-3000:])
        standin.deliver()
        headers, payload = next(
            letter for letter in box.letters if json.loads(letter[1])["type"] == "payment_intent.succeeded"
        )
        letter = json.dumps({"payload": payload, "header": headers["Stripe-Signature"]})
        said, trouble = day.communicate(f"{letter}\n", timeout=60)
    assert (day.returncode, said[:4]) == (0, "told"), trouble[-3000:]
    return said.strip()


@pytest.mark.parametrize("version", PYTHON)
def test_c04_a_day_with_the_python_sdk(standin, box, version):
    command = [sys.executable, SDKS / "flow.py", python_sdk(version), standin.url, SECRET]
    assert walk(standin, box, command) == f"told {version}"


@pytest.mark.parametrize("name", NODE)
def test_c11_a_day_with_the_node_sdk(standin, box, node_sdks, name):
    host, port = standin.url.removeprefix("http://").split(":")
    walk(standin, box, ["node", node_sdks / "flow.cjs", name, host, port, SECRET])
    installed = json.loads((node_sdks / "node_modules" / name / "package.json").read_text())
    assert f"npm:stripe@{installed['version']}" == NODE[name]
