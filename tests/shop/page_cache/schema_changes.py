"""A new engineer changes the schema: `python -m tests.shop.page_cache.schema_changes fresh|existing FOLDER`.

Makes and runs real migrations of the shop, on a database of its own (DATABASE_URL) and in a copy of the shop's
migrations in FOLDER; after each, prices, search and kept pages must be right. Prints the triggers that it ends with.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import randrange
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, models

ROOT = Path(__file__).resolve().parents[3]
MIGRATIONS = "changed_migrations"


def begin(folder: Path) -> None:
    shutil.copytree(
        ROOT / "shop" / "migrations", folder / MIGRATIONS, ignore=shutil.ignore_patterns("__pycache__")
    )
    sys.path.insert(0, str(folder))
    # Files go by their own names: what collectstatic left in var/, if anything, is no business of this test.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django.setup()
    settings.MIGRATION_MODULES = {"shop": MIGRATIONS}


def migrate(name: str) -> None:
    call_command("makemigrations", "shop", name=name, verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)


def add_fields() -> None:
    from shop.models import Category, Product, ProductImage, Variant

    Product.add_to_class("subtitle", models.CharField(max_length=200, blank=True, default=""))
    Variant.add_to_class("weight", models.PositiveIntegerField(default=250))
    ProductImage.add_to_class("credit", models.CharField(max_length=80, blank=True, default=""))
    Category.add_to_class("note", models.TextField(default="A shelf."))
    migrate("added")


def alter_fields() -> None:
    from shop.models import Category, Product, ProductImage, Variant

    for model, field in ((Product, "title"), (Variant, "name"), (ProductImage, "alt"), (Category, "name")):
        model._meta.get_field(field).max_length = 251
    Product._meta.get_field("author").null = True
    migrate("altered")


RENAMED = {"subtitle": "tagline", "weight": "grams", "credit": "photographer", "note": "remark"}


def rename_fields() -> None:
    from django.db.migrations.questioner import NonInteractiveMigrationQuestioner

    from shop.models import Category, Product, ProductImage, Variant

    NonInteractiveMigrationQuestioner.ask_rename = lambda *_args: True  # type: ignore[method-assign]
    for model in (Product, Variant, ProductImage, Category):
        for old, new in RENAMED.items():
            if field := take_out(model, old):
                field.name = field.attname = field.column = None  # type: ignore[assignment]
                model.add_to_class(new, field)
    migrate("renamed")


def remove_fields() -> None:
    from shop.models import Category, Product, ProductImage, Variant

    for model in (Product, Variant, ProductImage, Category):
        for name in RENAMED.values():
            take_out(model, name)
    migrate("removed")


def take_out(model: Any, name: str) -> Any:
    found = [field for field in model._meta.local_fields if field.name == name]
    for field in found:
        model._meta.local_fields.remove(field)
        delattr(model, name)
    model._meta._expire_cache()
    return found[0] if found else None


BROKEN = """
from django.db import migrations
def fail(apps, schema_editor):
    {deed}
class Migration(migrations.Migration):
    dependencies = [("shop", "{last}")]
    operations = [migrations.RunPython(fail, migrations.RunPython.noop)]
"""


def break_off(deed: str) -> Path:
    folder = Path(sys.modules[MIGRATIONS].__path__[0])
    last = max(file.stem for file in folder.glob("0*.py"))
    file = folder / f"{int(last[:4]) + 1:04}_broken.py"
    file.write_text(BROKEN.format(deed=deed, last=last))
    return file


def fail_to_migrate() -> None:
    file = break_off('raise RuntimeError("on purpose")')
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except RuntimeError:
        pass
    else:
        raise AssertionError("it did not fail")
    file.unlink()
    del sys.modules[f"{MIGRATIONS}.{file.stem}"]


def be_killed_while_migrating() -> None:
    from shop.page_cache import version

    file = break_off("import os; os._exit(9)")
    connection.close()
    if (child := os.fork()) == 0:
        call_command("migrate", verbosity=0, interactive=False)
    assert os.waitpid(child, 0)[1] == 9 << 8
    assert version.current() is None
    assert version.missing()
    check_pages()  # right, and not kept
    file.unlink()
    call_command("migrate", verbosity=0, interactive=False)


def fill() -> None:
    from tests.factories import ProductImageFactory, VariantFactory

    if connection.introspection.table_names() and VariantFactory._meta.model.objects.exists():
        return
    for slug in ("walden", "emma"):
        variant = VariantFactory(product__slug=slug, product__title=slug.title())
        ProductImageFactory(product=variant.product)


def check_pages() -> None:
    """Change a book, and look at all that must know."""
    from shop.catalogue import denormalised
    from shop.models import Product, Variant
    from tests.front import Front

    front, product = Front(), Product.objects.get(slug="walden")
    number = Variant.objects.get(product=product).price + 100

    def page(path: str) -> str:
        twice = [front.get(path).content.decode() for _time in range(2)]
        assert twice[0] == twice[1]
        return twice[0]

    for path in ("/", "/products/", "/products/walden/"):
        page(path)
    Variant.objects.filter(product=product).update(price=number)
    Product.objects.filter(pk=product.pk).update(title=f"Walden {number}")
    denormalised.refresh([product.pk])
    wait_until_heard()
    price = f"€{number / 100:.2f}"
    for path in (
        "/products/",
        "/products/walden/",
        f"/products/?q={number}",
        f"/products/?price={number}-{number + 1}",
    ):
        found = page(path)
        assert price in found, (path, price)
        assert f"Walden {number}" in found, path


def wait_until_heard() -> None:
    """Wait until PostgreSQL has told the change; on SQLite the database itself is asked."""
    from shop.page_cache import version
    from shop.page_cache.listener import listener

    deadline = time.monotonic() + 10
    while connection.vendor == "postgresql" and listener.token() not in {None, version.current() or ""}:
        assert time.monotonic() < deadline


def check_new_columns() -> None:
    """See that what is watched are the columns that there are now."""
    from shop.models import Category, Product, ProductImage, Variant
    from shop.page_cache import version

    for model in (Product, Variant, ProductImage, Category):
        for name in (*RENAMED, *RENAMED.values()):
            if name in {field.name for field in model._meta.local_fields}:
                before = version.current()
                model.objects.update(**{name: randrange(1_000_000)})
                assert version.current() != before, name


def triggers() -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal")
        return sorted(sql for (sql,) in cursor.fetchall())


STEPS: tuple[Callable[[], None], ...] = (
    add_fields,
    alter_fields,
    rename_fields,
    remove_fields,
    fail_to_migrate,
    be_killed_while_migrating,
)


def main() -> None:
    begin(Path(sys.argv[2]))
    if sys.argv[1] == "existing":
        call_command("migrate", verbosity=0)
        fill()
    from shop.page_cache import version

    for step in STEPS:
        step()
        fill()
        assert version.missing() is None, (step.__name__, version.missing())
        check_pages()
        check_new_columns()
    sys.stdout.write("\n".join(triggers()))


if __name__ == "__main__":
    try:
        main()
    except DatabaseError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from error
