"""What was delivered and how good it was: rows that were new and accepted, cells that were filled.

Promise: plain loops over the world's own rows and what each delivery showed. A row is judged when
it comes: a step of a hazard that nobody had told of yet is refused then, and taken when it waited
long enough; sources are read in the order of their names. Rows shown again (a pull looks back over
what it has read) are no new rows; they are cells of their delivery all the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from demo.deliveries import DESK_OVERLAP_MS, OVERLAP_MS
from demo.dresses_platforms import INSPECTION
from demo.dresses_units import GRID, SELFCHECK
from demo.feeds import Feeds
from demo.model import KNOWN, NEVER, TAKEN, Row
from demo.world import World
from schemas.period import DAY_MS

Quality = dict[str, dict[str, int]]  # unit → measure
MEASURES = ("rows_received", "rows_accepted", "fields_asked", "fields_given")
# The desk's requests have a form of their own (demo.feeds).
_DESK = ("source_id", "place_id", "town_code", "sector_code", "category", "description",
         "found_at", "sent_at")  # fmt: skip
_FIELDS = {
    "grid": tuple(GRID.columns["finding"]),
    "inspection": tuple(INSPECTION.columns["finding"]),
    "selfcheck": tuple(SELFCHECK.columns["finding"]),
    "complaints": _DESK,
}


@dataclass
class Delivered:
    """A world's deliveries: by unit and period, when received and what measures they add to.

    together: everything was taken at once, a source after the other, and not instant by instant.
    """

    world: World
    together: bool = False
    lines: dict[tuple[str, str], list[tuple[int, str, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        turns = self._turns()
        for row in self._new():
            target = f"{row.fields.get('finding_source') or row.source}:{_target(row)}"
            early = row.record == "update" and not (
                target in turns and turns[target] <= self._turn(row)
            )
            self._add(row, "rows_received", 1)
            self._add(row, "rows_accepted", int(row.expect == TAKEN and not early))
        for first, shown in self._shown():
            for row in shown:
                names = _FIELDS[row.source]
                self._add(first, "fields_asked", len(names))
                self._add(first, "fields_given", sum(_is_filled(row, name) for name in names))

    def counts(self, weeks: tuple[int, ...], received_by: int, units: list[str]) -> Quality:
        """By town and "total", which has the sources' own deliveries too; sectors have none."""
        towns = set(self.world.organisation.town_codes())
        made = {u: dict.fromkeys(MEASURES, 0) for u in units if u in towns or u == "total"}
        codes = {self.world.weeks.code(week) for week in weeks}
        for (unit, period), lines in self.lines.items():
            for received, measure, n in lines if period in codes else ():
                if received <= received_by:
                    for u in {unit, "total"} & made.keys():
                        made[u][measure] += n
        return made

    def _add(self, row: Row, measure: str, n: int) -> None:
        line = row.receipt.received, measure, n
        self.lines[row.unit or row.source, row.receipt.period].append(line)

    # -- rows ----------------------------------------------------------------------------------

    def _new(self) -> list[Row]:
        """Rows that came, without those that stand twice in their delivery."""
        return [r for r in self.world.rows if r.receipt.received < NEVER and r.expect != KNOWN]

    def _turn(self, row: Row) -> tuple[int, str]:
        """When a row was looked at, to be compared."""
        return 0 if self.together else row.receipt.received, row.source

    def _turns(self) -> dict[str, tuple[int, str]]:
        """When each finding was taken."""
        rows = [r for r in self._new() if r.record == "finding" and r.expect == TAKEN]
        return {f"{r.source}:{r.id}": self._turn(r) for r in rows}

    # -- cells ---------------------------------------------------------------------------------

    def _shown(self) -> Iterator[tuple[Row, list[Row]]]:
        """Of every delivery with a new row: one of these, and every finding that it showed."""
        files = defaultdict[tuple[str, str, int], list[Row]](list)
        for row in self._new():
            files[row.source, row.receipt.file, row.receipt.received].append(row)
        written = defaultdict[str, list[Row]](list)
        for row in self.world.rows:
            if row.receipt.file:
                written[row.receipt.file].append(row)
        read = {source: self._read(source) for source in ("inspection", "selfcheck", "complaints")}
        for (source, file, received), new in files.items():
            shown = written[file] if file else read.get(source, {}).get(received, [])
            yield new[0], [r for r in shown if r.record == "finding"]

    def _read(self, source: str) -> dict[int, list[Row]]:
        """What each pull of a continuous source showed."""
        feeds = Feeds(self.world)
        made: dict[int, list[Row]] = {}
        cursor = previous = 0
        for now in self.world.weeks.instants:
            if source == "complaints":
                since = max(previous - DESK_OVERLAP_MS, self.world.weeks.start(0) - DAY_MS)
                rows = self.world.of_source(source)
                made[now] = [r for r in rows if since <= r.claimed <= now]
            elif source == "selfcheck":
                rows = self.world.of_source(source)
                made[now] = [r for r in rows if previous < r.sent <= now]
            else:
                made[now] = feeds.shown(source, max(cursor - OVERLAP_MS, 0), now)
                cursor = max(cursor, *(r.sent for r in made[now]), 0)
            previous = now
        return made


def _target(row: Row) -> str:
    return str(row.fields.get("finding_id"))


def _is_filled(row: Row, name: str) -> bool:
    """Whatever stands there, though it cannot be read."""
    return dict(row.spoil).get(name, row.fields.get(name)) not in ("", None)
