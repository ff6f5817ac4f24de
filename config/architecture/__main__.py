"""Draws the picture: `make architecture`."""

from config.architecture import drawing, rooms

PICTURE = rooms.ROOT / "docs/pictures/architecture.svg"
APPS = ("config", "checkout", "shop", "accounts")


def drawn() -> str:
    """Return the picture of the code as it is now."""
    return drawing.svg([rooms.of_app(name) for name in APPS], rooms.of_app("stripe_standin"))


if __name__ == "__main__":
    PICTURE.write_text(drawn(), "utf-8")
