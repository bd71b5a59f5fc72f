"""What people type of a listing's step: the step, its level, days, data."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from rules.listing_life import Said
from rules.periods import end_of_day
from schemas.vocabulary import ListingLevel, ListingStep
from tasks.county import County
from tasks.refusing import Refusal


class NotUnderstood(Refusal, ValueError):
    """A word, a field or a day that means nothing here; the text says what would."""

    area = "refusal.listing"


def level_named(word: str) -> ListingLevel:
    """A level by its word; NONE for a blank. Raises NotUnderstood naming those there are."""
    if not word:
        return ListingLevel.NONE
    try:
        return ListingLevel[word.upper()]
    except KeyError:
        raise NotUnderstood("no_level", {"word": word}) from None


def step_named(word: str) -> ListingStep:
    """A step that people make, by its word. Raises NotUnderstood naming those there are."""
    ours = [s for s in ListingStep if s not in (ListingStep.ADOPTED, ListingStep.LIFTED)]
    if word not in [s.value for s in ours]:
        raise NotUnderstood("no_step", {"word": word, "known": ", ".join(ours)})
    return ListingStep(word)


def said_of(county: County, given: Mapping[str, str], now: int) -> Said:
    """What was typed, as a step says it. Raises NotUnderstood naming the value and what would."""
    known = [f.name for f in fields(Said) if f.name not in ("at", "number")]
    if unknown := sorted(set(given) - {*known, "happened_at"}):
        words = {"unknown": ", ".join(unknown), "known": ", ".join([*known, "happened_at"])}
        raise NotUnderstood("no_field", words)
    at = min(_end_of(county, given["happened_at"]), now) if "happened_at" in given else now
    texts: dict[str, Any] = {k: v for k, v in given.items() if k not in ("happened_at", "level")}
    if "due_at" in texts:
        texts["due_at"] = _end_of(county, texts["due_at"])
    return Said(at, level=level_named(given.get("level", "")), **texts)


def _end_of(county: County, text: str) -> int:
    try:
        return end_of_day(date.fromisoformat(text), county.zone)
    except ValueError:
        raise NotUnderstood("not_date", {"value": text}) from None
