"""What the stand-in can be told at its start."""

from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10-28.endive"
TRAIN = "endive"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ from one run to the next. Delays are in seconds."""

    host: str = "127.0.0.1"
    port: int = 12111
    database: Path = Path("var/standin.sqlite3")
    country: str = "NL"
    webhooks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    payment_methods: tuple[str, ...] = ("card",)
    log: bool = False

    @property
    def url(self) -> str:
        """Where the stand-in is reached, without a slash at the end."""
        return f"http://{self.host}:{self.port}"
