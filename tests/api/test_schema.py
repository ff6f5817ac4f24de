"""The API's schema: the committed copy is true, and what clients generate from it has names."""

import json
from pathlib import Path

from config.api import api

COPY = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_copy_is_what_is_served() -> None:
    served = json.loads(json.dumps(api.get_openapi_schema()))
    assert json.loads(COPY.read_text()) == served, "make openapi writes it anew"
