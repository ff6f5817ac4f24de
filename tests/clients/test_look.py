"""The storefronts look like the shop: their styles and drawings are copies of its own, made by `make look`."""

import shutil
from pathlib import Path

import pytest

from config import look


def test_every_copy_holds_what_the_shop_holds() -> None:
    assert look.outdated() == {}, "make look"


def test_a_storefronts_own_rules_stand_in_one_file() -> None:
    found = {path.relative_to(look.ROOT) for path in look.ROOT.glob("clients/*/src/look/*")}
    assert found - set(look.copies()) == {
        Path("clients/vue/src/look/storefront.css"),
        Path("clients/angular/src/look/storefront.css"),
    }


def test_every_copy_says_where_to_change_it() -> None:
    for copy, source in look.copies().items():
        if copy.suffix == ".css":
            assert str(source) in (look.ROOT / copy).read_text().splitlines()[0]


class TestAChangeOfTheShopsLook:
    @pytest.fixture(autouse=True)
    def elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The copies and their sources, in a folder where they may be changed."""
        for path in {*look.copies(), *look.copies().values()}:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(look.ROOT / path, tmp_path / path)
        monkeypatch.setattr(look, "ROOT", tmp_path)
        return tmp_path

    def test_makes_its_copies_outdated_until_they_are_made_anew(self, elsewhere: Path) -> None:
        tokens = elsewhere / "static/css/tokens.css"
        tokens.write_text(tokens.read_text().replace("#8a2b26", "#26548a"))
        assert {path.name for path in look.outdated()} == {"tokens.css"}
        assert len(look.outdated()) == 3
        look.main()
        assert look.outdated() == {}
        assert "#26548a" in (elsewhere / "clients/vue/src/look/tokens.css").read_text()

    def test_is_seen_also_where_a_copy_is_missing(self, elsewhere: Path) -> None:
        (elsewhere / "clients/angular/public/icons.svg").unlink()
        assert list(look.outdated()) == [Path("clients/angular/public/icons.svg")]
