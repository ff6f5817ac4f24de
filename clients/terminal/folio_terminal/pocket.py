"""What the app remembers between two starts. On a phone this is the keychain; here it is a file that only you read."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Pocket:
    """The tokens, and the idempotency key of an order that was sent and not yet answered.

    `placing` holds the digest of the `order` and its `key`: an app that dies between sending and hearing sends the
    same order with the same key after its next start, and gets the one order there is.
    """

    path: Path | None = None
    session_token: str = ""
    cart_token: str = ""
    placing: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> "Pocket":
        """Return what is in the file, or an empty pocket where there is none yet."""
        kept = json.loads(path.read_text()) if path.exists() else {}
        return cls(path=path, **kept)

    def keep(self) -> None:
        """Write everything down. A pocket without a path forgets at the end, as tests want it."""
        if self.path is None:
            return
        facts = {name: value for name, value in asdict(self).items() if name != "path"}
        self.path.touch(mode=0o600)
        self.path.write_text(json.dumps(facts, indent=2))
