"""Who is responsible for what in one county: towns, villages and sectors (`organisation.yaml`).

"1+10+18+N": one committee, its sectors, its towns and streets, their villages and grids.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Name(Frozen):
    """A name in the two languages that are printed."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Village(Frozen):
    code: str = Field(pattern=r"^\d{12}$")
    name: Name


MAP_SIZE = 16  # columns and rows of the tile map: what a page can still show
Step = Annotated[int, Field(ge=1, le=MAP_SIZE)]


class Town(Frozen):
    """A town or street; `aliases` are other spellings and retired codes that sources use.

    `tile` is its place on the tile map, (column, row) counted from the north-west corner.
    """

    code: str = Field(pattern=r"^\d{9}$")
    name: Name
    group: str = "all"
    tile: tuple[Step, Step] | None = None
    aliases: tuple[str, ...] = ()
    villages: tuple[Village, ...] = ()


class Sector(Frozen):
    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Name
    committee: Name
    aliases: tuple[str, ...] = ()


class Wards(Frozen):
    """A GeoJSON beside organisation.yaml; `town` is the property that names each ward's town."""

    file: str
    town: str


class Extent(Frozen):
    """The box that a county lies in, WGS84 degrees; generous: maps are shifted by some 700 m."""

    west: Decimal = Field(ge=-180, le=180)
    south: Decimal = Field(ge=-90, le=90)
    east: Decimal = Field(ge=-180, le=180)
    north: Decimal = Field(ge=-90, le=90)

    @model_validator(mode="after")
    def _ordered(self) -> "Extent":
        if self.west >= self.east or self.south >= self.north:
            raise ValueError("an extent reaches from west to east and from south to north")
        return self


class Organisation(Frozen):
    """One county as an office sees it. Codes, names and aliases may not point two ways."""

    code: str = Field(pattern=r"^\d{6}$")
    name: Name
    office: Name | None = None  # who issues papers; left out: the county by its name
    zone: str = "Asia/Shanghai"
    as_of: datetime | None = None
    towns: tuple[Town, ...] = Field(min_length=1)
    sectors: tuple[Sector, ...] = Field(min_length=1)
    wards: Wards | None = None
    extent: Extent | None = None

    @model_validator(mode="after")
    def _unambiguous(self) -> "Organisation":
        for units in (self.towns, self.sectors):
            seen: dict[str, str] = {}
            for unit in units:
                for word in {unit.code, unit.name.zh, unit.name.en, *unit.aliases}:
                    if seen.setdefault(word, unit.code) != unit.code:
                        raise ValueError(f"{word!r} names both {seen[word]} and {unit.code}")
        return self

    @model_validator(mode="after")
    def _one_town_a_tile(self) -> "Organisation":
        taken: dict[tuple[int, int], str] = {}
        for town in self.towns:
            if town.tile and taken.setdefault(town.tile, town.code) != town.code:
                other = taken[town.tile]
                raise ValueError(
                    f"tile {list(town.tile)} is given to {other} and {town.code}: move one of them"
                )
        return self

    @property
    def issuer(self) -> Name:
        return self.office or self.name

    def town_codes(self) -> tuple[str, ...]:
        return tuple(t.code for t in self.towns)

    def sector_codes(self) -> tuple[str, ...]:
        return tuple(s.code for s in self.sectors)

    def town_words(self) -> dict[str, str]:
        """Every spelling a source may use for a town → its code."""
        return _words(self.towns)

    def sector_words(self) -> dict[str, str]:
        return _words(self.sectors)


def _words(units: tuple[Town, ...] | tuple[Sector, ...]) -> dict[str, str]:
    return {w: u.code for u in units for w in (u.code, u.name.zh, u.name.en, *u.aliases)}
