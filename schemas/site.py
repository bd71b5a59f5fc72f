"""What the site knows of a published edition: enough for every page that spans editions.

A brief is taken from `edition.json` and the ledger's row once; the document itself is only opened
for the edition's own page. Nothing here is counted again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from schemas.edition import Bilingual, ListedItem, Missing, Scope

Audience = Literal["public", "internal"]
Tiles = Mapping[str, tuple[int, int]]  # town → (column, row) of the tile map

OWN: Scope = "period"  # the scope that is the edition's own span


def folder(kind: str, period: str, number: int) -> str:
    """Where an edition's pages lie in the site, without a language."""
    return f"{kind}/{period}/{number}"


def page(kind: str, period: str, number: int) -> str:
    return f"{folder(kind, period, number)}/index.html"


@dataclass(frozen=True)
class Standing:
    """One town, one sector or the county in one edition: its own span, all splits together."""

    code: str
    name: Bilingual
    group: str
    rank: int | None
    last_rank: int | None
    score: str | None
    counts: Mapping[str, int]
    rates: Mapping[str, str]  # percent with two decimals, "/" for a zero denominator


@dataclass(frozen=True)
class Brief:
    """One published edition. `files`: name → sha256 of those a reader may download; `items`: sha256
    of its item list, "" for none."""

    kind: str
    period: str
    number: int
    seq: int
    watermark: int
    ledger_head: str
    ledger_root: str  # "" for an edition from before there was a tree
    policy_hash: str
    policy_version: str
    body_digest: str
    published_on: str
    first_day: str
    last_day: str
    county: Bilingual
    audience: Audience
    fictitious: bool
    shows_ranks: bool
    revision_class: str  # "" for a first edition
    previous: int
    moved: int  # units whose rank or score the revision moved
    towns: tuple[Standing, ...]
    sectors: tuple[Standing, ...]
    total: Standing
    listed: tuple[ListedItem, ...]
    missing: tuple[Missing, ...]
    late: tuple[Missing, ...]
    folder: str
    files: Mapping[str, str]
    items: str

    @property
    def path(self) -> str:
        """Where its pages lie in the site, without a language."""
        return folder(self.kind, self.period, self.number)

    @property
    def page(self) -> str:
        return page(self.kind, self.period, self.number)

    @property
    def order(self) -> tuple[str, str, int]:
        """Editions sort by the time they speak of, then by number."""
        return self.last_day, self.first_day, self.number

    def town(self, code: str) -> Standing | None:
        return next((t for t in self.towns if t.code == code), None)


@dataclass(frozen=True)
class Frame:
    """What every page of one site shares: for whom, of which county, on which map."""

    audience: Audience
    county: Bilingual
    fictitious: bool
    tiles: Tiles
