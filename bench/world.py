"""The benchmark's places and findings as numbers, before any text is written of them."""

from dataclasses import dataclass

import pyarrow as pa

from bench.columns import Ints, Mask, joined, numbered, pick
from bench.words import FAMILIES
from schemas.organisation import Organisation

# Class → its share of the places, and what such a place is called.
PLACE_CLASSES = {
    "enterprise": (0.10, "五金厂"),
    "shop": (0.13, "便利店"),
    "vulnerable_home": (0.01, "困难户家"),
    "rented_home": (0.76, "出租房"),
}


@dataclass(frozen=True)
class Places:
    """The places as numbers: which town, sector and class each one has."""

    town: Ints
    sector: Ints
    kind: Ints  # index into PLACE_CLASSES

    def names(self, organisation: Organisation, index: Ints) -> pa.Array:
        towns = [t.name.zh for t in organisation.towns]
        trades = [trade for _, trade in PLACE_CLASSES.values()]
        trade = pick(trades, self.kind[index])
        family = pick(FAMILIES, index % len(FAMILIES))
        return joined(pick(towns, self.town[index]), family, numbered("", index, 6), trade)


@dataclass(frozen=True)
class Findings:
    """The findings as numbers: where, what, when, how bad, and of which earlier one a re-find."""

    place: Ints
    category: Ints
    found_at: Ints
    major: Mask
    wording: Ints  # seeds the description
    refound: Mask
