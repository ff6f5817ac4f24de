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


def held_apart(name, *wanted):
    """Return the folder that holds these Python packages and nothing else; the first worker installs them."""
    folder = node_packages.ROOT / "var" / "sdks" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            fresh = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                       "--target", fresh, *wanted]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                node_packages.missing(f"{name} could not be installed: {done.stderr[-300:]}")
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
    folder = held_apart(f"stripe-{version}", f"stripe=={version}")
    command = [sys.executable, SDKS / "flow.py", folder, standin.url, SECRET]
    assert walk(standin, box, command) == f"told {version}"


@pytest.mark.parametrize("name", NODE)
def test_c11_a_day_with_the_node_sdk(standin, box, node_sdks, name):
    host, port = standin.url.removeprefix("http://").split(":")
    walk(standin, box, ["node", node_sdks / "flow.cjs", name, host, port, SECRET])
    installed = json.loads((node_sdks / "node_modules" / name / "package.json").read_text())
    assert f"npm:stripe@{installed['version']}" == NODE[name]


def test_c05_dj_stripe_mirrors_every_kind_of_object(standin, api):
    paid = {"amount": 1999, "currency": "eur", "confirm": "true", "payment_method": "pm_card_visa",
            "return_url": "http://shop.test/"}  # fmt: skip
    customer = api.post("/v1/customers", data={"email": "alice@example.org"}).json()["id"]
    api.post("/v1/payment_methods/pm_card_visa/attach", data={"customer": customer})
    intent = api.post("/v1/payment_intents", data={**paid, "customer": customer}).json()
    api.post("/v1/refunds", data={"payment_intent": intent["id"], "amount": 500})
    api.post("/v1/payment_intents", data={**paid, "payment_method": "pm_card_visa_chargeDeclined"})
    standin.dispute(api.post("/v1/payment_intents", data=paid).json()["latest_charge"])
    api.post(
        "/v1/webhook_endpoints", data={"url": "http://127.0.0.1:9/hook", "enabled_events[]": "charge.failed"}
    )
    standin.advance(60)
    wanted = (SDKS / "djstripe.txt").read_text().splitlines()[1:]
    counts = {"Account": 1, "Customer": 1, "PaymentMethod": 4, "PaymentIntent": 3, "Charge": 3, "Refund": 1, "Dispute": 1,
              "BalanceTransaction": 4, "WebhookEndpoint": 1, "Event": len(standin.events())}  # fmt: skip
    command = [sys.executable, SDKS / "mirror.py", held_apart("djstripe", *wanted), standin.url, *counts]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == counts
