"""A county that publishes four weeks, corrects one of them, and keeps the last one to itself.

story = Story.make(folder, migrated)
story.live()        # collects, publishes and builds both sites after every edition
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rules.periods import cut_off, week
from schemas.period import DAY_MS, HOUR_MS, Period
from schemas.site import Audience
from tasks.county import County
from tasks.publishing import publish
from tasks.site import SiteReport, build
from tests.store.tiny import MONDAY, SECTOR, Row, Tiny, finding, life

WEEKS = ("2025-W10", "2025-W11", "2025-W12", "2025-W13")
CORRECTED, INTERNAL, LAST = "2025-W11", "2025-W13", "2025-W12"  # the last public one
WEEK_MS = 7 * DAY_MS
# Of both groups, with the longest name and from every edge of the map: ten more would only make
# more of the same pages.
TOWNS = ("002", "005", "104", "108", "110", "120", "121", "123")


@dataclass
class Story:
    """A tiny county under way. `reports`: what every build of a site did, by audience."""

    tiny: Tiny
    reports: dict[Audience, list[SiteReport]] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, migrated: Path) -> "Story":
        policy = {"audience": "public", "formats": ["html", "xlsx"]}
        own = cls(Tiny.make(folder, migrated, bulletin=policy, calendar=[]))
        with own.configured("organisation.yaml") as text:
            text["towns"] = [t for t in text["towns"] if t["code"].removeprefix("330282") in TOWNS]
        return own

    @contextmanager
    def configured(self, name: str) -> Iterator[dict[str, Any]]:
        """A file of the county's configuration to change; the county is opened anew with it."""
        folder = self.county.home.parent
        path = folder / "config" / self.county.settings.county / name
        text = yaml.safe_load(path.read_text("utf-8"))
        yield text
        path.write_text(yaml.safe_dump(text, allow_unicode=True), "utf-8")
        self.tiny = Tiny.opened(folder)

    @property
    def county(self) -> County:
        return self.tiny.county

    def week(self, code: str) -> Period:
        return week(code, self.county.zone)

    def live(self) -> None:
        """The whole story, both sites built after every edition."""
        for number, code in enumerate(WEEKS):
            self.bring(number)
            if code == INTERNAL:
                self.adopt(audience="internal")
            self.publish(code)
        self.correct()

    def bring(self, number: int) -> None:
        """A week's findings in every town, closed or left open by the town's own custom."""
        start = MONDAY + number * WEEK_MS
        findings, updates = [], []
        for place, town in enumerate(self.county.organisation.town_codes()):
            for count in range(2 + (place + number) % 3):
                name = f"N{number}T{place:02d}C{count}"
                findings.append(_found(name, town, start))
                to = "closed" if (place + count + number) % 4 else "started"
                updates += life(name, start + HOUR_MS, to=to, due=start + 3 * DAY_MS)
        self.tiny.bring(start + 5 * DAY_MS, findings, updates)

    def publish(self, code: str, *, revise: bool = False, at: int = 0) -> None:
        period = self.week(code)
        now = at or cut_off(period, self.county.policy, self.county.days) + HOUR_MS
        made = publish(self.county, period, now, revise=revise)
        assert made.is_new
        self.build()

    def correct(self) -> None:
        """One town tells late of a hazard it closed within the corrected week."""
        start = MONDAY + WEEK_MS
        town = self.county.organisation.town_codes()[0]
        late = MONDAY + 4 * WEEK_MS + DAY_MS
        found = [_found(f"LATE{n}", town, start) for n in range(3)]
        steps = [u for n in range(3) for u in life(f"LATE{n}", start, due=start + DAY_MS)]
        self.tiny.bring(late, found, steps)
        self.adopt(audience="public")
        self.publish(CORRECTED, revise=True, at=late + HOUR_MS)

    def adopt(self, **bulletin: str) -> None:
        """The office decides anew for whom its bulletins are."""
        with self.configured("policy.yaml") as text:
            text["bulletin"] |= bulletin

    def build(self) -> None:
        for audience in ("public", "internal"):
            self.reports.setdefault(audience, []).append(build(self.county, audience))


def _found(name: str, town: str, at: int) -> Row:
    return finding(name, at=at + HOUR_MS, town_code=town, sector_code=SECTOR)


def files(site: Path) -> dict[str, bytes]:
    """Every file of a site by its path."""
    root = site.resolve()
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
