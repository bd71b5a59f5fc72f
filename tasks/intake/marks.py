"""Marks beside landed deliveries: this one was taken to its end.

A mark names the head of the ledger that holds the delivery and is believed only while the ledger
has that head: after a restore of an older store the deliveries that it lost are taken again. A
mark that is lost, or not believed, costs time, never rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from schemas.events import Head
from tasks.county import County
from tasks.intake.landing import Delivery
from tasks.store import ledger
from tasks.store.engine import reading

_NAME = "taken"


@dataclass(frozen=True)
class Marks:
    """The marks of one county, each head looked up once."""

    county: County
    _known: dict[Head, bool] = field(default_factory=dict)

    def is_taken(self, delivery: Delivery) -> bool:
        head = _read(_path(delivery))
        if head is None:
            return False
        if head not in self._known:
            with reading(self.county.engine) as connection:
                self._known[head] = ledger.has(connection, self.county.code, head)
        return self._known[head]

    def set(self, deliveries: Iterable[Delivery]) -> None:
        """These have been taken: the present head holds them."""
        with reading(self.county.engine) as connection:
            head = ledger.read_head(connection, self.county.code)
        for delivery in deliveries:
            _path(delivery).write_text(f"{head.seq} {head.hash}\n")


def _path(delivery: Delivery) -> Path:
    return Path(delivery.path) / _NAME


def _read(path: Path) -> Head | None:
    """The head a mark names; None for no mark, or one that a crash left half-written."""
    try:
        seq, hashed = path.read_text().split()
        return Head(int(seq), hashed)
    except (FileNotFoundError, ValueError):
        return None
