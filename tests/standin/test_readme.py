"""The stand-in's README, read and done: each command line, each row of its tables, each address."""

import ast
import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import stripe

import stripe_standin
from stripe_standin import sepa
from stripe_standin.testing import Standin
from tests.standin.mailbox import Mailbox

ROOT = Path(stripe_standin.__file__).parents[1]
README = (ROOT / "stripe_standin" / "README.md").read_text()
LINES = [
    line.partition("#")[0].split()[3:]
    for line in re.findall(r"^    (python -m stripe_standin.*)$", README, re.MULTILINE)
]
ORDER = {"amount": "1999", "currency": "eur"}
ROWS = re.findall(r"^\| `([\dAT ]{16,})` · `(pm_\w+)` \| (.+) \|$", README, re.MULTILINE)
BANKS = {
    "iDEAL": "ideal",
    "Bancontact": "bancontact",
    "EPS": "eps",
    "Przelewy24": "p24",
    "Klarna": "klarna",
    "PayPal": "paypal",
}
CONTROLS = re.findall(r"^\| `((?:GET|POST)[^|]*/_standin[^|]*) \|", README, re.MULTILINE)


@contextmanager
def started(tmp_path, *words, **environment):
    """A stand-in started by its command line, on a free port: its address. It ends well when it is told to."""
    command = [
        sys.executable,
        "-m",
        "stripe_standin",
        "--port",
        "0",
        "--database",
        tmp_path / "s.sqlite3",
        *words,
    ]
    environment = os.environ | environment
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as running:
        try:
            yield re.search(r"http://\S+", running.stdout.readline())[0]
        finally:
            running.terminate()
            ended = running.wait(10)
        assert ended == 0


def test_readme_the_help_names_every_option_with_its_default():
    assert ["--help"] in LINES
    command = [sys.executable, "-m", "stripe_standin", "--help"]
    said = " ".join(
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    )
    assert "http://127.0.0.1:12111" in README
    assert "(default: 12111)" in said
    assert "(default: var/standin.sqlite3)" in said
    for option in (
        "--webhook ",
        "--webhook-secret",
        "--payment-methods",
        "--country",
        "--delay",
        "--retries",
        "--log",
    ):
        assert option in said


@pytest.mark.parametrize("words", [words for words in LINES if words != ["--help"]], ids=" ".join)
def test_readme_a_command_line_starts_it_and_every_named_method_is_offered(tmp_path, words):
    with started(tmp_path, *words) as url, httpx.Client(base_url=url, auth=("sk_test_x", "")) as api:
        offered = api.post("/v1/payment_intents", data=ORDER).json()["payment_method_types"]
    assert offered == (words[1].split(",") if words else ["card", "ideal", "bancontact", "sepa_debit"])


@pytest.mark.parametrize("by_variable", [True, False])
def test_readme_webhooks_come_from_the_command_line_or_the_environment(tmp_path, by_variable):
    box = Mailbox()
    words = ["--webhook", box.url] + ([] if by_variable else ["--webhook-secret", "whsec_x"])
    variables = {"STANDIN_WEBHOOK_SECRET": "whsec_x"} if by_variable else {}
    with started(tmp_path, *words, **variables) as url:
        other = Standin.at(url)
        other.request("POST", "/v1/payment_intents", ORDER)
        other.deliver()
    box.stop()
    headers, body = box.letters[0]
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_x")
    assert (event.type, event.livemode) == ("payment_intent.created", False)


def test_readme_the_python_client_is_pointed_at_it(standin):
    code = re.search(r"\| Python SDK \| `(.+)` \|", README)[1].replace("http://127.0.0.1:12111", standin.url)
    assert ast.parse(code)
    client = eval(code, {"stripe": stripe})  # noqa: S307 - our own document
    assert client.v1.payment_intents.create({"amount": 1999, "currency": "eur"}).livemode is False


def test_readme_the_script_has_each_address_that_is_named(standin):
    for path in ("/endive/stripe.js", *re.findall(r"`(/(?:acacia|basil|clover|dahlia|v3)/[\w.]*)", README)):
        full = path if path.endswith((".js", "/v3/")) else f"{path}stripe.js"
        assert httpx.get(standin.url + full).status_code == 200, full
    assert "Test stand-in" in httpx.get(f"{standin.url}/frames/payment.html").text


@pytest.mark.parametrize("key", ["sk_test_a", "rk_test_b2", "pk_test_c3"])
def test_readme_any_test_key_works_and_no_live_one(standin, key):
    secret = standin.request("POST", "/v1/payment_intents", ORDER)["client_secret"]
    url = f"{standin.url}/v1/payment_intents/{secret.partition('_secret_')[0]}?client_secret={secret}"
    assert httpx.get(url, auth=(key, "")).status_code == 200
    assert httpx.get(url, auth=(key.replace("test", "live"), "")).status_code == 401


def confirmed(standin, method, number):
    """Confirm by the test id, or as a browser does with what was typed."""
    intent = standin.request("POST", "/v1/payment_intents", ORDER)
    form = {
        "client_secret": intent["client_secret"],
        "return_url": "http://shop.test/",
        "use_stripe_sdk": "true",
    }
    if method:
        form["payment_method"] = method
    elif number.startswith("AT"):
        form |= {"payment_method_data[type]": "sepa_debit", "payment_method_data[sepa_debit][iban]": number}
    else:
        card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
        form |= {"payment_method_data[type]": "card"}
        form |= {f"payment_method_data[card][{name}]": value for name, value in card.items()}
    standin.request("POST", f"/v1/payment_intents/{intent['id']}/confirm", form, key=standin.publishable_key)
    return standin.intent(intent["id"])


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize(("number", "method", "does"), ROWS)
def test_readme_what_is_typed_or_sent_does_what_its_row_says(standin, number, method, does, typed):
    assert len(ROWS) == 7
    intent = confirmed(standin, None if typed else method, number.replace(" ", ""))
    charge = intent["latest_charge"]
    if does == "declined":
        assert intent["last_payment_error"]["code"] == "card_declined"
    elif does.startswith("3-D Secure"):
        assert standin.answer_challenge(intent["id"], passed=False)["status"] == "requires_payment_method"
        again = confirmed(standin, method, number)
        assert standin.answer_challenge(again["id"], passed=True)["status"] == "succeeded"
    elif does.startswith("`processing`"):
        assert intent["status"] == "processing"
        standin.advance(60)
        ended = "requires_payment_method" if "unpaid" in does else "succeeded"
        assert standin.intent(intent["id"])["status"] == ended
        assert sepa.by_pm_id(method).iban == number.replace(" ", "")
    else:
        assert intent["status"] == "succeeded"
    if "disputed" in does:
        standin.advance(60)
        assert standin.request("GET", f"/v1/charges/{charge}")["disputed"] is True
    if "refund fails" in does:
        refund = standin.request("POST", "/v1/refunds", {"charge": charge})
        assert refund["status"] == "succeeded"
        standin.advance(60)
        assert standin.request("GET", f"/v1/refunds/{refund['id']}")["status"] == "failed"


def test_readme_every_bank_named_has_a_page_that_authorises_or_fails():
    named = re.search(r"^\| (iDEAL, .+) \| a bank page", README, re.MULTILINE)[1].split(", ")
    with Standin(payment_methods=tuple(BANKS.values())) as standin:
        for kind in (BANKS[name] for name in named):
            for passed, status in ((True, "succeeded"), (False, "requires_payment_method")):
                form = {
                    **ORDER,
                    "confirm": "true",
                    "payment_method_data[type]": kind,
                    "return_url": "http://shop.test/",
                }
                intent = standin.request("POST", "/v1/payment_intents", form)
                assert httpx.get(intent["next_action"]["redirect_to_url"]["url"]).status_code == 200
                assert standin.answer_challenge(intent["id"], passed=passed)["status"] == status, kind


def test_readme_the_piece_of_python_does_what_it_shows():
    code = re.search(r"    from stripe_standin.testing.*?\n\n(?=\w)", README, re.DOTALL)[0]
    code = "\n".join(line[4:] for line in code.splitlines())
    wanted = (
        'pi = standin.request("POST", "/v1/payment_intents", {"amount": 700, "currency": "eur"})["id"]\n    '
    )
    scope = {}
    exec(code.replace('standin.pay("pi_…")', f"{wanted}paid = standin.pay(pi)"), scope)  # noqa: S102 - our own document
    assert scope["paid"]["status"] == "succeeded"


def test_readme_every_control_address_is_answered(standin):
    intent = confirmed(standin, "pm_card_visa", "")
    debit = confirmed(standin, "pm_sepaDebit_successDelayed_at", "")  # minutes, however slow this machine
    event = standin.events()[0]["id"]
    fault = standin.add_fault(action="delay", path="/v1/nothing")
    bodies = {
        "/_standin/clock": {"advance": 0}, "/_standin/webhooks": {"copies": 1}, "/_standin/resend": {"event": event},
        "/_standin/endpoints": {"url": "http://127.0.0.1:9/hook", "secrets": ["whsec_a", "whsec_b"]},
        "/_standin/settle": {"payment_intent": debit["id"], "paid": True},
        "/_standin/dispute": {"charge": intent["latest_charge"], "reason": "fraudulent", "status": "needs_response"},
        "/_standin/faults": json.loads(re.search(r'`(\{"path": .+?\})`', README)[1]),
    }  # fmt: skip
    asked = set()
    for cell in CONTROLS[1:] + CONTROLS[:1]:  # the first one forgets everything
        for verbs, path in re.findall(r"((?:GET |POST |DELETE )+)(/_standin[\w/]*|…[\w/{}]*)", cell):
            full = path.replace("…", "/_standin").replace("{id}", fault)
            for verb in verbs.split():
                body = bodies.get(full, {}) if verb == "POST" else None
                answer = httpx.request(verb, standin.url + full, json=body)
                assert answer.is_success, (verb, full, answer.text)
                asked.add(full)
                if verb == "DELETE":
                    fault = standin.add_fault(action="delay", path="/v1/nothing")
    assert set(bodies) <= asked
    assert {"/_standin/reset", "/_standin/deliveries", "/_standin/deliveries/wait"} <= asked


def test_readme_every_fault_named_is_one():
    named = re.search(r"^Faults: (.+?)\. Example", README, re.MULTILINE | re.DOTALL)[1]
    with Standin() as standin:
        for action in re.findall(r"`(\w+)`", named):
            standin.add_fault(action=action, path="/v1/nothing")
        assert len(standin.faults()) == 8


def test_readme_the_fee_is_as_told(standin):
    told = re.search(r"a fee of (\d\.\d) % and (0\.\d\d)", README)
    charge = confirmed(standin, "pm_card_visa", "")["latest_charge"]
    standin.advance(5)
    asked = f"/v1/charges/{charge}?expand[]=balance_transaction"
    fee = standin.request("GET", asked)["balance_transaction"]["fee"]
    assert fee == -(-1999 * round(float(told[1]) * 10) // 1000) + round(float(told[2]) * 100)


@pytest.mark.parametrize(("path", "status"), [
    ("/v1/customers/x/sources", 404), ("/v1/payouts", 404), ("/v1/subscriptions", 404), ("/v1/setup_intents", 404),
    ("/v1/invoices", 404), ("/v1/transfers", 404), ("/v1/accounts", 200), ("/v1/account", 200),
])  # fmt: skip
def test_readme_what_is_not_here_is_a_404_in_stripes_shape(api, path, status):
    answer = api.get(path)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["type"] == "invalid_request_error"
