"""The official Node packages against the stand-in. They are installed once, into `var/node`, where Node is found."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.standin.mailbox import Mailbox

HERE = Path(__file__).parent / "node"
ROOT = Path(__file__).parents[2]
SECRET = "whsec_node"


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory):
    """A folder with the packages and the scripts."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("Node was not found")
    cache = ROOT / "var" / "node"
    cache.parent.mkdir(exist_ok=True)
    # Test workers share the folder: the first installs, the others wait for it.
    with cache.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(cache, tmp_path_factory)
    return cache


def install(cache, tmp_path_factory):
    wanted = (HERE / "package.json").read_text()
    if not (cache / "package.json").is_file() or (cache / "package.json").read_text() != wanted:
        fresh = tmp_path_factory.mktemp("node")
        shutil.copy(HERE / "package.json", fresh)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"The Node packages could not be installed: {done.stderr[-300:]}")
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(fresh, cache)
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, cache)


def run(folder, script, *arguments, **options):
    command = ["node", folder / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def test_the_node_sdk_walks_the_whole_story_and_verifies_a_webhook(node_folder, standin):
    box = Mailbox()
    standin.send_webhooks_to(box.url, SECRET)
    try:
        host, port = standin.url.removeprefix("http://").split(":")
        done = run(node_folder, "story.mjs", host, port)
        assert (done.returncode, done.stdout) == (0, "told\n"), done.stderr
        standin.deliver()
        headers, payload = next(letter for letter in box.letters if "payment_intent.succeeded" in letter[1])
        letter = {"payload": payload, "header": headers["Stripe-Signature"], "secret": SECRET}
        verified = run(node_folder, "verify.mjs", input=json.dumps(letter))
        assert verified.stdout == "payment_intent.succeeded\n", verified.stderr
        wrong = run(node_folder, "verify.mjs", input=json.dumps({**letter, "secret": "whsec_other"}))
        assert wrong.returncode != 0
    finally:
        box.stop()


@pytest.mark.browser
def test_the_loader_of_stripe_js_accepts_the_script_without_a_warning(node_folder, shop):
    loader = (node_folder / "node_modules/@stripe/stripe-js/dist/pure.mjs").read_text()
    said = []
    shop.page.on("console", lambda message: said.append(message.text))
    shop.page.route("**/loader.mjs", lambda route: route.fulfill(body=loader, content_type="text/javascript"))
    shop.open(secret="none")
    shop.page.evaluate(
        """async () => {
          const { loadStripe } = await import('/loader.mjs');
          window.loaded = await loadStripe('pk_test_standin');
        }"""
    )
    assert shop.page.evaluate("typeof loaded.confirmPayment") == "function"
    assert said == []
