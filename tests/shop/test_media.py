"""Pictures as the shop serves them."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")


@pytest.mark.parametrize("debug", [True, False])
def test_a_picture_is_kept_for_ever_and_can_run_nothing(client, media, settings, debug):
    settings.DEBUG = debug
    name = default_storage.save("covers/walden-3f2a.svg", ContentFile(b"<svg/>"))

    response = client.get(f"/media/{name}")

    assert b"".join(response.streaming_content) == b"<svg/>"
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        response.headers["Content-Security-Policy"]
        == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert not response.cookies


@pytest.mark.parametrize(
    "path",
    [
        "covers/none.svg",
        "../secret.svg",
        "covers/../../secret.svg",
        "%2e%2e/secret.svg",
        "covers",
        "x.py",
        "a%00.svg",
    ],
)
def test_what_is_no_picture_of_ours_is_not_found(client, media, path):
    default_storage.save("x.py", ContentFile(b"print()"))

    assert client.get(f"/media/{path}").status_code == 404
