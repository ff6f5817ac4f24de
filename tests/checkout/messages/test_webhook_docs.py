"""What docs/webhooks.md tells those who receive, tried against what the shop sends."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from checkout.messages import webhook_events

DOCS = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"
SECRET = "whsec_of_this_test"
BODY = '{"id": "evt_1", "title": "Größe"}'.encode()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found
    return found[1]


def headers() -> list[tuple[str, bool]]:
    """Return signatures with whether each is to be believed."""
    now = timezone.now()
    good, old = webhook_events.signature(BODY, [SECRET], now=now), now - timedelta(minutes=6)
    return [
        (good, True),
        (webhook_events.signature(BODY, ["whsec_new", SECRET], now=now), True),
        (webhook_events.signature(BODY, ["whsec_other"], now=now), False),
        (webhook_events.signature(BODY + b" ", [SECRET], now=now), False),
        (webhook_events.signature(BODY, [SECRET], now=old), False),
        (good.partition(",")[0], False),
        (good[:-2], False),
    ]


def test_the_example_in_python_believes_what_is_signed_and_nothing_else() -> None:
    names: dict[str, object] = {}
    exec(block("python"), names)  # noqa: S102 - our own document
    verified = names["verified"]
    assert callable(verified)
    assert [verified(BODY, header, SECRET) for header, _good in headers()] == [good for _h, good in headers()]


def test_the_example_in_node_believes_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node was not found.")
    (tmp_path / "hook.mjs").write_text(block("js"))
    (tmp_path / "try.mjs").write_text(
        'import { verified } from "./hook.mjs";\n'
        "const [body, secret, headers] = JSON.parse(process.argv[2]);\n"
        "console.log(JSON.stringify(headers.map((one) => verified(Buffer.from(body), one, secret))));\n"
    )
    tries = headers()
    given = json.dumps([BODY.decode(), SECRET, [header for header, _good in tries]])
    said = subprocess.run([node, "try.mjs", given], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == [good for _header, good in tries]


def test_every_type_of_event_is_told_of() -> None:
    told = set(re.findall(r"^\| `([a-z._]+)` \|", DOCS.read_text(), re.MULTILINE))
    assert told == {*webhook_events.TYPES.values(), webhook_events.TEST}


def test_the_waits_are_those_that_are_told() -> None:
    minutes = [wait // timedelta(minutes=1) for wait in webhook_events.WAITS]
    assert minutes == [1, 5, 15, *(hours * 60 for hours in (1, 3, 6, 12, 24, 24))]
    assert "1, 5 and 15 minutes and 1, 3, 6, 12, 24 and 24 hours" in DOCS.read_text()
