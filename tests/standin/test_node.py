"""The official Node packages against the stand-in."""

import json
import subprocess

import pytest

from tests.standin.mailbox import Mailbox

SECRET = "whsec_node"


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
