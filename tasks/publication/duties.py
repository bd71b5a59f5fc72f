"""Month and quarter duties of an edition: self-checks and quarterly checks, owed and kept.

Only of months and quarters that lie wholly in the period and began when policy says that the
ledger can know of them: what is not complete is neither shown nor scored. What a duty is comes from
policy: `indices.self_check` and `quarterly`; without a section there is no such duty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from rules.kinds import months_within, quarters_within
from schemas.period import Period
from schemas.vocabulary import Channel
from tasks.county import County
from tasks.store import duties as store
from tasks.store.duties import Duty, Known, Window
from tasks.store.engine import Connection


@dataclass(frozen=True)
class Owed:
    """One duty of a period; `due` and `kept` are the measures that count it."""

    due: str
    kept: str
    duties: tuple[Duty, ...]
    windows: tuple[Window, ...]


def owed(county: County, period: Period) -> list[Owed]:
    """The duties that have a whole month or quarter in the period."""
    return [o for o in (*_self_checks(county, period), *_quarterly(county, period)) if o.windows]


def counted(
    connection: Connection, county: County, period: Period, watermark: int
) -> list[pd.DataFrame]:
    """A frame for each duty: town, sector and its two measures."""
    known = Known(county.code, watermark)
    return [
        store.counted(connection, known, o.duties, o.windows).rename(
            columns={"due": o.due, "kept": o.kept}
        )
        for o in owed(county, period)
    ]


def behind(
    connection: Connection, county: County, period: Period, watermark: int, measure: str
) -> pd.DataFrame:
    """The places that a measure counts, a row for each time; see `store.duties.places`."""
    [one] = [o for o in owed(county, period) if measure in (o.due, o.kept)]
    rows = store.places(connection, Known(county.code, watermark), one.duties, one.windows)
    return rows if measure == one.due else rows[rows["is_kept"] == 1]


def _self_checks(county: County, period: Period) -> Iterator[Owed]:
    """The same duty that indices of places look back on."""
    if county.policy.indices is None:
        return
    rule = county.policy.indices.self_check
    windows = _windows(months_within(period, county.zone), rule.since)
    duty = Duty(rule.place_classes, channel=Channel.SELF_CHECK)
    yield Owed("self_checks_due", "self_checks_kept", (duty,), windows)


def _quarterly(county: County, period: Period) -> Iterator[Owed]:
    """Jointly: anybody's check will do; each: every kind of actor owes its own."""
    rule = county.policy.quarterly
    if rule is None:
        return
    each = [(actor,) for actor in rule.actor_kinds]
    asked = each if rule.by == "each" else [rule.actor_kinds]
    found = tuple(Duty(rule.place_classes, actor_kinds=actors) for actors in asked)
    windows = _windows(quarters_within(period, county.zone), rule.since)
    yield Owed("quarter_due", "quarter_checked", found, windows)


def _windows(periods: Sequence[Period], since: date) -> tuple[Window, ...]:
    return tuple(Window(p.code, p.start, p.end) for p in periods if p.first_day >= since)
