"""Reads photographs and draws drawings of others in a process of its own: where they crash it, or take long, it alone ends.

The child is `python -m shop.media.sandbox JOB …`, with what it reads as its input. It knows no settings and no secrets.
"""

import json
import os
import resource
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Lock

from shop.media.pictures import Picture, WrongPictureError

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_SECONDS = {"photograph": 20, "draw": 5}
MOST_MEMORY = 1_500_000_000

# As many pictures at once as there are processes of the shop, and not as there are threads.
_one_at_a_time = Lock()


class SandboxError(Exception):
    """Nothing came back: the child crashed, or took too long or too much memory."""


def photograph(stem: str, data: bytes) -> Picture:
    """Read a photograph and return its files, as `photographs.make` does. Raises its WrongPictureError, and SandboxError."""
    answer = json.loads(_run("photograph", stem, data=data))
    if "refused" in answer:
        raise WrongPictureError("", reason=answer["refused"])
    files = {name: b64decode(text) for name, text in answer.pop("files").items()}
    return Picture(**answer | {"widths": tuple(answer["widths"])}, files=files)


def draw(svg: str, *, width: int) -> bytes:
    """Draw an SVG as a JPEG of that width. Raises SandboxError for what cannot be drawn."""
    return _run("draw", str(width), data=svg.encode())


def _run(*job: str, data: bytes) -> bytes:
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    command = [sys.executable, "-m", __name__, *job]
    with _one_at_a_time:
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                command,
                input=data,
                capture_output=True,
                timeout=MOST_SECONDS[job[0]],
                check=True,
                cwd=ROOT,
                env=environment,
            )
        except (subprocess.SubprocessError, OSError) as error:
            raise SandboxError(f"{job[0]} ended without an answer: {error}") from error
    return done.stdout


# What the child does.


def _limit_this_process(seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(10)


def _photograph(data: bytes, stem: str) -> bytes:
    from shop.media import photographs  # Pillow costs a process 6 MB, and only the child needs it

    try:
        made = photographs.make(stem, data)
    except WrongPictureError as error:
        return json.dumps({"refused": error.reason}).encode()
    files = {name: b64encode(content).decode() for name, content in made.files.items()}
    return json.dumps(vars(made) | {"files": files}).encode()


def _draw(data: bytes, width: str) -> bytes:
    import font_source_serif_pro
    import resvg_py
    from PIL import Image

    # Where the machine has none of our serifs, and perhaps no font at all, this one is there.
    font = Path(font_source_serif_pro.font_directory) / "SourceSerifPro-Regular.ttf"
    png = resvg_py.svg_to_bytes(
        svg_string=data.decode(), width=int(width), font_files=[str(font)], serif_family="Source Serif Pro"
    )
    jpeg = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").save(jpeg, "JPEG", quality=88, subsampling=0, optimize=True)
    return jpeg.getvalue()


_JOBS: dict[str, Callable[..., bytes]] = {"photograph": _photograph, "draw": _draw}

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    _limit_this_process(MOST_SECONDS[name])
    sys.stdout.buffer.write(_JOBS[name](sys.stdin.buffer.read(), *arguments))
