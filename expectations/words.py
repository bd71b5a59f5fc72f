"""The closed word lists that coded fields are checked against.

Those of the field (`schemas.vocabulary`) are the same everywhere; towns, sectors and place classes
are the county's. Words are what the ledger stores: lower case, an IntEnum by its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

from schemas.organisation import Extent, Organisation
from schemas.records import SHAPES
from schemas.vocabulary import (
    UPDATE_EVENTS,
    ActorKind,
    Channel,
    CheckResult,
    ListingLevel,
    RecordKind,
    Severity,
)


def spelled(members: Iterable[Enum]) -> tuple[str, ...]:
    return tuple(m.name.lower() if isinstance(m, IntEnum) else str(m.value) for m in members)


CHANNELS = spelled(Channel)
ACTOR_KINDS = spelled(ActorKind)
CHECK_RESULTS = spelled(CheckResult)
SEVERITIES = spelled(Severity)
LISTING_LEVELS = spelled(level for level in ListingLevel if level)
# Registering is a finding's business: an update cannot create a hazard.
EVENTS = spelled(UPDATE_EVENTS)


@dataclass(frozen=True)
class Words:
    """The county's own lists: codes of towns and sectors, classes of places; and where it lies."""

    towns: tuple[str, ...]
    sectors: tuple[str, ...]
    place_classes: tuple[str, ...]
    extent: Extent | None = None

    @classmethod
    def of(cls, organisation: Organisation, place_classes: Iterable[str]) -> "Words":
        towns, sectors = organisation.town_codes(), organisation.sector_codes()
        return cls(towns, sectors, tuple(place_classes), organisation.extent)

    def allowed(self, kind: RecordKind, field: str) -> tuple[str, ...]:
        """What a coded field may hold: the drop-down list of a rejection workbook."""
        shape_codes = SHAPES[kind].of_kind("code")
        if field not in shape_codes:
            raise KeyError(f"{kind}.{field} is not a coded field; coded are {shape_codes}")
        return {
            "town_code": self.towns,
            "sector_code": self.sectors,
            "place_class": self.place_classes,
            "channel": CHANNELS,
            "actor_kind": ACTOR_KINDS,
            "result": CHECK_RESULTS,
            "severity": SEVERITIES,
            "event": EVENTS,
            "listing_level": LISTING_LEVELS,
        }[field]
