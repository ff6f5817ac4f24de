"""What the stand-in can be told at its start."""

from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ from one run to the next. Delays are in seconds of the stand-in's clock."""

    host: str = "127.0.0.1"
    port: int = 12111
    database: Path = Path("var/standin.sqlite3")
    country: str = "NL"
    payment_methods: tuple[str, ...] = ("card", "ideal", "bancontact", "sepa_debit")
    webhooks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Endpoints given at the start: address, and the secrets that are active at once."""
    retries: tuple[float, ...] = (5.0, 60.0, 600.0)
    """Waits before a delivery that failed is tried again."""
    book_delay: float = 1.0
    """From a paid charge to its balance transaction."""
    result_delay: float = 5.0
    """From `processing`, a pending refund, or a card that is disputed, to what comes of it."""
    log: bool = False

    @property
    def url(self) -> str:
        """Where the stand-in is reached, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"
