"""The product's count against a plain one, on small random worlds: every unit, scope and split."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rules.kinds import RECURRING, containing, period_of
from schemas.period import Period
from schemas.vocabulary import EditionKind
from tasks.publication.body import counted
from tasks.store.engine import open_engine, reading, sqlite_url
from tasks.store.schema import upgrade
from tests.plain import counting
from tests.plain.worlds import CAMPAIGN, CLASSES, GO_LIVE, Batch
from tests.rules.oracle_says import SHANGHAI, day_of
from tests.store.tiny import Tiny

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # thrown away: needs no disk
WORLDS = 100 if NIGHTLY else 60  # in one example
EXAMPLES = 20 if NIGHTLY else 1
EDITIONS = 3 if NIGHTLY else 1  # of each world: any period, as known after any round
DISPATCH_HOURS = 24  # the policy's
DAYS = [date(2024, 12, 20) + timedelta(days=n) for n in range(110)]
CODES = st.integers(0, 99_999).map(lambda n: f"w{n:05}")


@cache
def template() -> Tiny:
    """One migrated store for all examples of this process, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-plain-", dir=MEMORY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = open_engine(sqlite_url(folder / "migrated.sqlite"))
    upgrade(engine)
    engine.dispose()
    (folder / "template").mkdir()
    policy = {
        "go_live": GO_LIVE,
        "campaign": {"start": CAMPAIGN, "place_classes": list(CLASSES)},
    }
    return Tiny.make(folder / "template", folder / "migrated.sqlite", **policy)


@pytest.mark.timeout(4 * 3600 if NIGHTLY else 300)
@settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate])
@given(st.lists(CODES, min_size=WORLDS, max_size=WORLDS, unique=True))
def test_the_count_of_the_store_is_the_plain_count(codes: list[str]) -> None:
    """A world that differs is named: `disagreements([code])` tells it again, alone."""
    assert disagreements(codes)[:5] == []


def disagreements(codes: list[str]) -> list[str]:
    """Every figure in which the product and the plain count differ."""
    folder = Path(tempfile.mkdtemp(dir=template().county.home.parent.parent))
    tiny = template().copied(folder)
    try:
        batch = Batch.taken(tiny, codes)
        return [
            f"{code} {period.code} at {watermark}: {text}"
            for code in codes
            for period, watermark in editions(Random(f"{code} is read"), batch, code)
            for text in differences(batch, code, period, watermark)
        ]
    finally:
        tiny.county.engine.dispose()
        shutil.rmtree(folder)


def editions(rng: Random, batch: Batch, code: str) -> Iterator[tuple[Period, int]]:
    """Of any kind, on time or long after; some speak of what nobody knew yet.

    Half are spans that begin and end with due dates of the world: what is due on the last day is
    due in the span, what was due when it began is not.
    """
    hazards = batch.hazards(code, batch.watermarks[-1])
    dues = sorted({span["due_at"] for hazard in hazards for span in hazard if span["due_at"]})
    for _ in range(EDITIONS):
        kind = rng.choice((*EditionKind, *[EditionKind.SPAN] * len(EditionKind)))
        if kind in (EditionKind.CAMPAIGN, EditionKind.SPAN) and len(dues) > 1:
            first, last = sorted(rng.sample(dues, 2))
            days = f"{day_of(first)}--{day_of(last - 1)}"  # dues are 24:00 of their days
            period = period_of(kind, days, "Asia/Shanghai")
        else:
            period = containing(rng.choice(RECURRING), rng.choice(DAYS), "Asia/Shanghai")
        yield period, rng.choice((*batch.watermarks, batch.watermarks[-1]))


def differences(batch: Batch, code: str, period: Period, watermark: int) -> Iterator[str]:
    county = batch.county(code)
    with reading(county.engine) as connection:
        body = counted(connection, county, period, watermark, {})
    units = {u["code"]: u for u in [*body["towns"], *body["sectors"]]} | {"total": body["total"]}
    true = plain(batch, code, period, watermark, units)
    for unit, scopes in true.items():
        for scope, splits in scopes.items():
            for split, measures in splits.items():
                found: Any = units[unit]["counts"][scope][split]  # type: ignore[index]
                shown: Any = units[unit]["rates"][scope][split]  # type: ignore[index]
                pairs = [(name, found.get(name), n) for name, n in measures.items()]
                pairs += [(n, shown[n]["value"], v) for n, v in counting.rates(measures).items()]
                for name, printed, n in pairs:
                    if printed != n:
                        yield f"{unit}.{scope}.{split}.{name}: {printed}, plainly {n}"
    printed_levels = {(m["sector"], m["level"]): m["count"] for m in body["listed_matrix"]}
    if printed_levels != (levels := counting.listed(batch.hazards(code, watermark), period.end)):
        yield f"listed: {printed_levels}, plainly {levels}"


def plain(batch: Batch, code: str, period: Period, watermark: int, units: Any) -> counting.Counts:
    year = midnight(date(period.last_day.year, 1, 1))
    campaign = min(midnight(date.fromisoformat(CAMPAIGN)), period.end)
    cut = counting.Cut(
        period.end, {"period": period.start, "campaign": campaign, "year": year}, DISPATCH_HOURS
    )
    made = counting.counts(batch.hazards(code, watermark), cut, units)
    places, visits = batch.places(code, watermark), batch.visits(code, watermark)
    covered = counting.coverage(places, visits, (campaign, period.end), CLASSES)
    for unit, scopes in made.items():
        for splits in scopes.values():
            splits["all"] |= covered[unit]
    return made


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp()) * 1000
