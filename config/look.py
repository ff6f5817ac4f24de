"""Copies the shop's stylesheets and icons into the storefronts: `make look`.

The source is `static/`. What only a storefront needs stands in its own `storefront.css`, which is loaded last.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STYLES = ("css/tokens.css", "css/base.css", "css/components.css", "css/money.css", "css/shop.css")
# A folder of a storefront, and which files under `static/` it has copies of.
FOLDERS = {
    "clients/vue/src/look": (*STYLES, "img/icons.svg", "img/empty-shelf.svg"),
    "clients/vue/public": ("img/favicon.svg",),
    "clients/angular/src/look": STYLES,
    "clients/angular/public": ("img/icons.svg", "img/empty-shelf.svg", "img/favicon.svg"),
    "clients/plain": ("css/tokens.css",),
}


def copies() -> dict[Path, Path]:
    """Return every copy with its source, both from the root of the repository."""
    return {
        Path(folder, Path(name).name): Path("static", name)
        for folder, names in FOLDERS.items()
        for name in names
    }


def outdated() -> dict[Path, str]:
    """Return the copies that are missing or differ from their source, each with what it must hold."""
    wanted = {copy: _content(source) for copy, source in copies().items()}
    return {copy: text for copy, text in wanted.items() if _read(ROOT / copy) != text}


def _content(source: Path) -> str:
    text = (ROOT / source).read_text("utf-8")
    if source.suffix == ".svg":
        return text
    return f"/* A copy of the shop's {source}: change it there, then `make look`. */\n{text}"


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def main() -> None:
    """Write the copies that are out of date, and name them."""
    for copy, text in outdated().items():
        (ROOT / copy).write_text(text, "utf-8")
        sys.stdout.write(f"{copy}\n")


if __name__ == "__main__":
    main()
