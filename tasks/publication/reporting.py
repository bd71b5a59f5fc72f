"""Who owed a submission for a period, who filed in time, late or not at all (报送日历)."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from rules.kinds import weeks_ending_in
from rules.periods import filing_deadline
from schemas.edition import Bilingual, Missing
from schemas.period import DAY_MS, Period
from schemas.policy import Due
from tasks.county import County
from tasks.store import ledger, submissions
from tasks.store.engine import Connection

_FIRST_TAKES = 2 * DAY_MS  # the first pulls of an office may fail, and its first week stays owed


@dataclass(frozen=True)
class Owed:
    """One line of the calendar for one unit: received_at is 0 while nothing has come.

    due_at is later than the calendar says where our own pull failed (`rules.deadlines.kept`).
    """

    source: str
    unit: str
    is_town: bool
    due_at: int
    received_at: int

    @property
    def in_time(self) -> bool:
        return 0 < self.received_at <= self.due_at


def owed(connection: Connection, county: County, period: Period, watermark: int) -> list[Owed]:
    """Everything owed for a period, as known at the watermark, in the calendar's order.

    Nothing is owed for weeks that were over for days when the county received anything at all: a
    month may begin before the office did.
    """
    begun = ledger.begun_at(connection, county.code)
    return [
        line
        for week in weeks_ending_in(period, county.zone)
        if week.end + _FIRST_TAKES >= begun
        for line in _owed_for(connection, county, week, watermark)
    ]


def _owed_for(connection: Connection, county: County, week: Period, watermark: int) -> list[Owed]:
    received = submissions.first_received(connection, county.code, week.code, watermark)
    return [
        Owed(line.source, unit, is_town, max(due, moved), at)
        for line in county.policy.calendar
        for due in (filing_deadline(week, line, county.days),)
        for unit, is_town in _units(county, line)
        for at, moved in (received.get((line.source, unit), (0, 0)),)
    ]


def _units(county: County, line: Due) -> Iterator[tuple[str, bool]]:
    if line.units == "source":
        yield line.source, False
        return
    towns = county.organisation.town_codes()
    for unit in towns if line.units == "towns" else line.units:
        yield unit, unit in towns


def measures(everything: list[Owed]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """submissions_owed and submissions_in_time by town, and for the county with its sources."""
    frame = pd.DataFrame(
        [(o.unit if o.is_town else "", 1, int(o.in_time)) for o in everything],
        columns=["unit", "submissions_owed", "submissions_in_time"],
    )
    by_unit = frame.groupby("unit").sum()
    towns = {str(u): _integers(row) for u, row in by_unit.to_dict("index").items()}
    return towns, _integers(frame.drop(columns="unit").sum().to_dict())


def _integers(row: Mapping[Hashable, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in row.items()}


def entries(county: County, chosen: list[Owed]) -> list[Missing]:
    """Owed lines as the edition prints them."""
    return [
        Missing(
            source=o.source,
            source_title=_bilingual(county.sources[o.source].title),
            unit=o.unit,
            unit_name=_unit_name(county, o),
            due_at=instant(o.due_at, county.zone),
            received_at=instant(o.received_at, county.zone) if o.received_at else None,
        )
        for o in chosen
    ]


def _unit_name(county: County, line: Owed) -> Bilingual:
    towns = {t.code: t.name for t in county.organisation.towns}
    return _bilingual(towns[line.unit] if line.is_town else county.sources[line.source].owner)


def _bilingual(name: object) -> Bilingual:
    return Bilingual(zh=name.zh, en=name.en)  # type: ignore[attr-defined]


def instant(ms: int, zone: str) -> str:
    """ISO 8601 with the county's offset, to the second."""
    return datetime.fromtimestamp(ms // 1000, ZoneInfo(zone)).isoformat()
