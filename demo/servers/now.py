"""The present of the city: set by whoever drives it, read by every server thread."""

from dataclasses import dataclass


@dataclass
class Now:
    """UTC ms; 0 before the city was advanced for the first time."""

    ms: int = 0

    def advance(self, to_ms: int) -> int:
        """Go forward and return where it was. ValueError for the past: time does not go back."""
        if to_ms < self.ms:
            raise ValueError(f"the city is at {self.ms} already and cannot go back to {to_ms}")
        was, self.ms = self.ms, to_ms
        return was
