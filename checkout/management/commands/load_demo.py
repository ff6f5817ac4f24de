from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from checkout.demo import orders as demo_orders
from checkout.demo import prices
from checkout.orders import invoices
from shop.demo import accounts, invented, loading, texts
from shop.models import Product

PROGRESS = 10_000


class Command(BaseCommand):
    help = (
        "Put the demonstration on sale: books of the public domain, their editions, stock and covers. May be repeated: "
        "what is there stays as it is. Where DEBUG is on, also make a customer's and a staff member's account."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--products", type=int, default=0, metavar="N", help="have N invented books besides"
        )
        parser.add_argument(
            "--orders", type=int, default=0, metavar="N", help="have N orders of invented customers besides"
        )
        parser.add_argument(
            "--accounts",
            action="store_true",
            dest="make_accounts",
            help="make the accounts even where DEBUG is off",
        )

    def handle(self, *_args: Any, products: int, orders: int, make_accounts: bool, **_options: Any) -> None:
        if products < 0 or orders < 0:
            raise CommandError("--products and --orders take a number from 0 up.")
        if products > invented.MOST:
            raise CommandError(f"--products goes up to {invented.MOST:,}.")
        added = loading.load_products(now=timezone.now())
        self.stdout.write(_told(added))
        prices.load()
        if new_texts := texts.load():
            self.stdout.write(f"Added pages of text: {new_texts}.")
        if products:
            self._invent(products)
        if orders:
            self._order(orders)
        sum(invoices.write_missing(now=timezone.now()))  # of what was paid before there were any
        if make_accounts or settings.DEBUG:
            self._add_accounts()

    def _invent(self, count: int) -> None:
        done = new = 0
        for added in loading.load_invented(count, now=timezone.now(), tell=self.stderr.write):
            done, new = min(done + loading.BATCH, count), new + added.products
            if done % PROGRESS == 0 or done == count:
                self.stderr.write(f"{done:,} of {count:,} invented books")
        self.stdout.write(f"Invented books: {new} new, {count - new} were there.")

    def _order(self, count: int) -> None:
        new = 0
        for added in demo_orders.load(count, now=timezone.now()):
            new += added
            if new % PROGRESS == 0:
                self.stderr.write(f"{new:,} new orders")
        self.stdout.write(f"Orders of invented customers: {new} new, {count - new} were there.")

    def _add_accounts(self) -> None:
        created = accounts.create_missing()
        for account in accounts.ALL:
            if account in created:
                self.stdout.write(f"Account: {account.email} / {account.password} ({account.role})")
            else:
                self.stdout.write(f"Account: {account.email} was there and stays as it is.")


def _told(added: loading.Added) -> str:
    if not any(added):
        return f"Nothing to add: {Product.objects.count()} books are there."
    return f"Added books: {added.products}, editions: {added.variants}, covers: {added.covers}."
