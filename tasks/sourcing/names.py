"""Which column is meant for which field, by its name: the table `synonyms.yaml`, zh and en.

A name that is a synonym scores 100, one that contains it or looks like it less; below ENOUGH
nothing is claimed.
"""

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml
from rapidfuzz import fuzz

from schemas.records import SHAPES
from schemas.vocabulary import RecordKind
from tasks.intake.mapping_text import fold

ENOUGH = 75
_NOISE = re.compile(r"[\s_\-/:：（）()【】\[\]*#]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def table() -> dict[str, Any]:
    """The synonyms as they are written."""
    text = resources.files("tasks.sourcing").joinpath("synonyms.yaml").read_text("utf-8")
    return dict(yaml.load(text, yaml.BaseLoader))  # "no" and "y" are names here


def score(column: str, synonyms: list[str]) -> float:
    """How much a column's name looks like any of these, 0 to 100; of a path its end counts."""
    names = dict.fromkeys((column, column.rpartition(".")[2]))
    return max((_alike(name, synonym) for name in names for synonym in synonyms), default=0)


def claims(columns: list[str], record: RecordKind) -> dict[str, tuple[str, float]]:
    """Field → (its column, score): the best pairs first, each column and field once."""
    known = {field.name: synonyms_of(record, field.name) for field in SHAPES[record].fields}
    pairs = [
        (score(column, synonyms), -position, field, column)
        for field, synonyms in known.items()
        for position, column in enumerate(columns)
        if synonyms
    ]
    found: dict[str, tuple[str, float]] = {}
    for points, _, field, column in sorted(pairs, reverse=True):
        taken = {c for c, _ in found.values()}
        if points >= ENOUGH and field not in found and column not in taken:
            found[field] = (column, points)
    return found


def synonyms_of(record: RecordKind, field: str) -> list[str]:
    own = table().get(record.value, {}).get(field, [])
    return [*own, *table()["any"].get(field, []), field]


def like(columns: list[str], key: str) -> list[str]:
    """The columns that are called like an entry of the table: reporter, latitude, longitude."""
    return [c for c in columns if score(c, table()[key]) >= 100]


def bare(name: str) -> str:
    """A name as names are compared."""
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    return _NOISE.sub(" ", _CAMEL.sub(" ", fold(name))).casefold().split()


def _alike(name: str, synonym: str) -> float:
    theirs, ours = bare(name), bare(synonym)
    if theirs == ours:
        return 100
    inside = ours in theirs if not ours.isascii() else set(_words(synonym)) <= set(_words(name))
    if inside and len(ours) >= 2:
        return 80 + 10 * len(ours) / len(theirs)
    return float(fuzz.ratio(theirs, ours)) * 0.9 if min(len(theirs), len(ours)) > 3 else 0
