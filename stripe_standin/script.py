"""Serves `stripe.js`, put together from its parts, and the files of the frames."""

import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from stripe_standin.versions import TRAINS

ROOT = Path(__file__).parent
PARTS = (
    "js/errors.js", "js/handle.js", "js/events.js", "js/frame.js", "js/modal.js", "frames/api.js", "js/kinds.js",
    "js/element.js", "js/elements.js", "js/cards.js", "js/absent.js", "js/stripe.js",
)  # fmt: skip
_EXPORT = re.compile(r"^export ", re.MULTILINE)
TYPES = {".html": "text/html", ".svg": "image/svg+xml", ".js": "text/javascript", ".css": "text/css"}
FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' https:; font-src https: data:; connect-src 'self'; "
    "frame-src 'self'; img-src 'self' data:; base-uri 'none'"
)


@cache
def bundle(version: str) -> str:
    """Return the whole script: the parts in order, inside one function, so that they share names with nobody."""
    parts = "\n".join(_EXPORT.sub("", (ROOT / part).read_text()) for part in PARTS)
    return f"(() => {{\n'use strict';\nconst VERSION = {version};\n{parts}}})();\n"


async def serve_script(request: Request) -> Response:
    """`GET /endive/stripe.js`, and under the name of each older release; `/v3/` is the address from before the names.

    It is one script, and says the version that its address names: npm's loaders compare it with their own.
    """
    name = request.path_params.get("name")
    if name not in (None, *TRAINS.values()):
        return PlainTextResponse("Not found\n", 404)
    headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    return Response(bundle(f"'{name}'" if name else "3"), media_type="text/javascript", headers=headers)


async def serve_frame(request: Request) -> Response:
    """`GET /frames/{name}`: a page, script or style of the frames, and nothing else."""
    path = ROOT / "frames" / request.path_params["name"]
    if path.suffix not in TYPES or path.parent != ROOT / "frames" or not path.is_file():
        return PlainTextResponse("Not found\n", 404)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": FRAME_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(path.read_text(), media_type=TYPES[path.suffix], headers=headers)
