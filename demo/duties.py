"""Who owes what and was it there: ledgers to file, majors to list.

Promise: plain loops over the world's own files and hazards; the calendar's numbers come
from the policy as written. A file without rows and without a nil return is no report.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from demo.model import Filing, Standing
from demo.tally import Cut, Track
from demo.world import World
from schemas.vocabulary import FactKind, ListingLevel, Severity


@dataclass
class Duties:
    """What a world's units owe, laid out once for every cut."""

    world: World
    filed: dict[tuple[str, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for filing in self.world.post.plan.values():
            self._file(filing)
        for source in ("registry", "inspection", "complaints", "selfcheck", "upper"):
            self._pulls(source)

    def _file(self, filing: Filing) -> None:
        pull = self.world.weeks.pull_after(filing.dropped_at)
        if filing.status not in ("none", "empty") and pull:
            code = self.world.weeks.code(filing.week)
            self.filed["grid", filing.town, code].append(pull[0])

    def _pulls(self, source: str) -> None:
        """A continuous source reports with every pull, for the week the pull belongs to."""
        weeks = self.world.weeks
        for instant in weeks.instants:
            code = weeks.code(weeks.week_of_pull(instant, source))
            self.filed[source, source, code].append(instant)

    # -- submissions ---------------------------------------------------------------------------

    def submissions(
        self, weeks: tuple[int, ...], received_by: int, units: list[str]
    ) -> dict[str, Any]:
        """Owed and in time by unit for some weeks; who is missing, who came late.

        Nothing is owed for weeks before the world began (negative numbers).
        """
        owed, in_time = Counter[str](), Counter[str]()
        missing, late = [], []
        lines = [
            (self.world.weeks.code(week), line)
            for week in weeks
            if week >= 0
            for line in self._lines(week)
        ]
        for code, (source, unit, due) in lines:
            filed = self.filed.get((source, unit, code), [])
            received = min((r for r in filed if r <= received_by), default=0)
            for u in {unit, "total"} & set(units):
                owed[u] += 1
                in_time[u] += 0 < received <= due
            line = {"source": source, "unit": unit, "due_at": due, "received_at": received or None}
            if not received:
                missing.append(line)
            elif received > due:
                late.append(line)
        counts = {
            u: {"submissions_owed": owed[u], "submissions_in_time": in_time[u]} for u in units
        }
        return {"counts": counts, "missing": missing, "late": late}

    def _lines(self, week: int) -> list[tuple[str, str, int]]:
        """(source, unit, due) of every line of the filing calendar."""
        made = []
        for line in self.world.policy["calendar"]:
            units = line["units"]
            if units == "towns":
                units = self.world.organisation.town_codes()
            elif units == "source":
                units = (line["source"],)
            due = self.world.weeks.filing_deadline(week, line["source"])
            made += [(line["source"], unit, due) for unit in units]
        return made

    # -- listing -------------------------------------------------------------------------------

    def listed(self, tracks: list[Track], cut: Cut) -> dict[str, Any]:
        """Hazards listed at the cut by level and by sector × level; majors that should be."""
        levels, matrix, unlisted = Counter[str](), Counter[tuple[str, str]](), 0
        for track in tracks:
            now = track.standing(cut)
            if now is not None and now.level:
                level = ListingLevel(now.level).name.lower()
                levels[level] += 1
                matrix[track.hazard.sector, level] += 1
            elif now is not None and self._should_be_listed(track, now, cut):
                unlisted += 1
        rows = [{"sector": s, "level": lv, "count": n} for (s, lv), n in sorted(matrix.items())]
        by_level = {lv: levels[lv] for lv in ("county", "city", "province")}
        return {"by_level": by_level, "matrix": rows, "unlisted_major": unlisted}

    def _should_be_listed(self, track: Track, now: Standing, cut: Cut) -> bool:
        if now.severity is not Severity.MAJOR or not now.is_open:
            return False
        steps = track.steps[: track.count_until(cut)]
        verified = next((s.at for s in steps if s.kind is FactKind.VERIFIED), None)
        return verified is not None and self._listing_deadline(verified) <= cut.end

    def _listing_deadline(self, verified: int) -> int:
        """24:00 of the last working day for it."""
        weeks = self.world.weeks
        day = weeks.clock.day(verified)
        for _ in range(self.world.policy["listing"]["within_working_days"]):
            day += timedelta(days=1)
            while not weeks.is_working(day):
                day += timedelta(days=1)
        return weeks.clock.end_of(day)
