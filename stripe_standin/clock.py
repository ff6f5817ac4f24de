"""The stand-in's time, which tests may move forward."""

import time


class Clock:
    """Unix time plus an offset that only grows."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Return the time in seconds, moved by what `advance` added."""
        return time.time() + self.offset

    def stamp(self) -> int:
        """Return the time in whole seconds, as Stripe's `created`."""
        return int(self.now())

    def advance(self, seconds: float) -> None:
        """Move the time forward. Negative values are refused: created times never go back."""
        if seconds < 0:
            raise ValueError("time only moves forward")
        self.offset += seconds

    def reset(self) -> None:
        """Go back to the real time."""
        self.offset = 0.0
