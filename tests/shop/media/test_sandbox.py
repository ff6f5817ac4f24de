"""F16: what strangers drew, in a process that may end."""

import resource
import sys
from base64 import b64encode
from io import BytesIO
from subprocess import run

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from shop.media import sandbox, uploads
from shop.media.pictures import WrongPictureError
from shop.seo import social

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300">{}</svg>'
DEEP = SVG.format("<g>" * 700 + "</g>" * 700)
TO_MULTIPLY = SVG.format(
    '<g id="a0"><path d="M0 0h1v1z"/></g>'
    + "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 10))
    + '<use href="#a9"/>'
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def refusal(svg):
    with pytest.raises(WrongPictureError) as caught:
        uploads.read(BytesIO(svg.encode()), "a.svg")
    return caught.value.message


@pytest.mark.parametrize("svg", [DEEP, SVG.format("<g/>" * 20_001)])
def test_f16_a_drawing_too_deep_or_too_large_is_refused_before_anybody_draws_it(svg, monkeypatch):
    monkeypatch.setattr(sandbox, "draw", None)
    assert "too much to draw" in refusal(svg)


def test_f16_what_multiplies_is_refused_when_it_is_uploaded():
    assert "too much to draw" in refusal(TO_MULTIPLY)


def test_f16_a_drawing_as_programs_write_it_is_taken():
    nested = SVG.format("<g>" * 40 + "<path d='M0 0h1v1z'/>" + "</g>" * 40)
    assert uploads.read(BytesIO(nested.encode()), "a.svg").width == 200


def test_f16_a_link_picture_of_a_drawing_from_before_is_drawn_without_it():
    default_storage.save("covers/deep.svg", ContentFile(DEEP.encode()))
    with_it = social.draw(social.Card("Walden", "Thoreau", "covers/deep.svg", "walden", "Folio"))
    without = social.draw(social.Card("Walden", "Thoreau", "", "walden", "Folio"))
    assert with_it == without


def test_f16_in_this_process_that_drawing_would_be_the_end():
    """The negative control: a process that draws it ends by a signal."""
    source = b64encode(DEEP.encode()).decode()
    card = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="data:image/svg+xml;base64,{source}" width="9" height="9"/></svg>'
    script = "import resvg_py, sys, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); resvg_py.svg_to_bytes(svg_string=sys.stdin.read())"
    assert (
        run([sys.executable, "-c", script], check=False, input=card.encode(), capture_output=True).returncode
        < 0
    )


def test_f16_many_pixels_are_unfolded_elsewhere_and_in_bounds():
    file = BytesIO()
    Image.new("L", (7000, 7000), 128).save(file, "PNG")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    made = sandbox.photograph("covers/a", file.getvalue())

    assert (made.width, made.height) == (2000, 2000)
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 49_000
    )  # kB: less than one byte a pixel


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Return a way to say what the other process does in place of its job."""

    def does(script):
        (tmp_path / "child.py").write_text(
            f"import os, sys, time; sys.path.insert(0, os.getcwd()); from shop.media import sandbox;"
            f"sandbox._limit_this_process(5); {script}"
        )
        (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{python}" "{tmp_path}/child.py"\n')
        (tmp_path / "python").chmod(0o755)
        return sandbox.draw(SVG.format(""), width=10)

    python = sandbox.sys.executable
    monkeypatch.setattr(sandbox.sys, "executable", str(tmp_path / "python"))
    return does


def test_f16_what_it_writes_is_the_answer(child):
    assert child("sys.stdout.write('drawn')") == b"drawn"


@pytest.mark.parametrize(
    "script",
    [
        "os.abort()",
        "bytearray(3_000_000_000)",
        "os.kill(os.getpid(), 11)",
        "1 / 0",
    ],
)
def test_f16_a_process_that_ends_otherwise_is_told_as_an_error(child, script):
    with pytest.raises(sandbox.SandboxError):
        child(script)


def test_f16_a_process_that_takes_too_long_is_ended(child, monkeypatch):
    monkeypatch.setitem(sandbox.MOST_SECONDS, "draw", 0.5)
    with pytest.raises(sandbox.SandboxError, match="timed out"):
        child("time.sleep(600)")


def test_f16_it_knows_no_secrets(child, monkeypatch):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_secret")
    known = child("sys.stdout.write(str(os.environ))")
    assert b"PATH" in known
    assert b"sk_test_secret" not in known
