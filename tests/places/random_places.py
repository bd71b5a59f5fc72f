"""Small random counties as rows of the projections, written straight into the store.

Few values of everything, so that places, categories, days, codes and names meet often. Rows of
bitemporal tables are revised now and then: the watermark decides which of them is seen.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import Table, insert

from rules.identity_names import name_key
from schemas.period import DAY_MS, FOREVER, HOUR_MS
from schemas.tables import event, submission
from schemas.tables_projections import (
    check_visit,
    finding,
    hazard_span,
    identity_link,
    place_span,
    side_step,
)
from schemas.vocabulary import State
from tests.store.tiny import MONDAY, OTHER_TOWN, SECTOR, TOWN, Tiny

TABLES = (
    place_span,
    finding,
    hazard_span,
    identity_link,
    check_visit,
    side_step,
    event,
    submission,
)
START, LAST_SEQ = MONDAY - 500 * DAY_MS, 60
TOWNS, CLASSES = (TOWN, OTHER_TOWN), ("enterprise", "shop", "rented_home")
NAMES = ("虚构一厂", "虚构二厂", "虚构三厂")
CODES = ("91330282MA2000001A", "91330282MA2000002B")
CATEGORIES = ("用电", "消防通道", "")
STATES = [int(s) for s in State if s]

Row = dict[str, Any]


@dataclass
class World:
    """Rows by table name, without the county."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {t.name: [] for t in TABLES})

    def add(self, table: Table, **values: Any) -> None:
        self.rows[table.name].append(values)

    def of(self, table: Table) -> list[Row]:
        return self.rows[table.name]

    def write(self, tiny: Tiny) -> None:
        """In place of whatever the county had; `forgetful` has made its ledger let go."""
        tiny.execute(*(f"DELETE FROM {table.name}" for table in TABLES))
        self.fill(tiny)

    def fill(self, tiny: Tiny) -> None:
        """Into an empty store."""
        with tiny.county.engine.connect() as connection:
            for table in TABLES:
                if rows := [_whole(table, row, tiny.county.code) for row in self.of(table)]:
                    connection.execute(insert(table), rows)
            connection.commit()


def _whole(table: Table, row: Row, county: str) -> Row:
    """The row with every other column blank."""
    needed = [c for c in table.columns if not c.nullable]
    blank = {c.name: "" if c.type.python_type is str else 0 for c in needed}
    return blank | {"county": county} | row


def world(random: Random) -> World:
    made = World()
    made.add(submission, delivery="d", source="places", seq=1)
    for number in range(random.randint(0, 5)):
        _place(made, random, f"P{number}")
    streams = [f"hazard:{n}" for n in range(random.randint(0, 12))]
    for stream in streams:
        _finding(made, random, stream)
        if random.random() < 0.85:
            _lives(made, random, stream)
    _links(made, random, streams)
    _beside(made, random, streams)
    return made


def instant(random: Random, *near: int) -> int:
    """Often the very edge of a day, or of what is near it."""
    if near and random.random() < 0.3:
        return random.choice(near) + random.choice((-1, 0, 1, 30 * DAY_MS))
    return START + random.randint(0, 520) * DAY_MS + random.choice((0, 1, -1, 9 * HOUR_MS))


def seqs(random: Random) -> list[tuple[int, int]]:
    """[from, to) of the revisions of a row, one or two."""
    first, second = sorted(random.sample(range(1, LAST_SEQ), 2))
    revised = random.random() < 0.3
    return [(first, second), (second, FOREVER)] if revised else [(first, FOREVER)]


def _place(made: World, random: Random, number: str) -> None:
    for begin, end in seqs(random):
        times = sorted({instant(random) for _ in range(random.randint(1, 2))})
        closed = random.choice((0, 0, 0, instant(random)))
        for ordinal, (at, until) in enumerate(zip(times, [*times[1:], FOREVER], strict=True)):
            made.add(
                place_span,
                place_id=number,
                ordinal=ordinal,
                seq_from=begin,
                seq_to=end,
                claimed_from=at,
                claimed_to=until,
                active_from=times[0],
                active_to=closed,
                place_class=random.choice(CLASSES),
                town_code=random.choice(TOWNS),
                sector_code=SECTOR,
                name=random.choice(NAMES),
            )
    for version in range(random.randint(0, 2)):
        code = random.choice((*CODES, None))
        made.add(
            event,
            seq=100 * int(number[1:]) + version + 1,
            stream_id=f"place:{number}",
            version=version,
            stream_kind="place",
            kind="place_registered",
            record="place",
            source="places",
            source_id=number,
            claimed_at=instant(random),
            payload=json.dumps({"credit_code": code} if code else {}, separators=(",", ":")),
        )


def _finding(made: World, random: Random, stream: str) -> None:
    town = random.choice(TOWNS)
    bare = name_key(random.choice(NAMES)) if random.random() < 0.3 else ""
    made.add(
        finding,
        stream_id=stream,
        root_id=stream,
        source="findings",
        source_id=stream,
        place_key=random.choice(("P0", "P1", "P0", "P1", "P2", "X1", "", "", "")),
        credit_key=random.choice(("", "", *CODES)),
        name_key=f"{town}|{bare}" if bare else "",
        address_key=random.choice(("", "", f"{town}|路1")),
        category=random.choice(CATEGORIES),
        found_at=instant(random),
        town_code=town,
        sector_code=SECTOR,
        unit_name=random.choice(("", "虚构单位")),
    )


def _lives(made: World, random: Random, stream: str) -> None:
    (found,) = (row["found_at"] for row in made.of(finding) if row["stream_id"] == stream)
    for begin, end in seqs(random):
        times = sorted({found, *(instant(random, found) for _ in range(random.randint(0, 3)))})
        severity = random.choice((0, 0, 1))
        for ordinal, (at, until) in enumerate(zip(times, [*times[1:], FOREVER], strict=True)):
            state = random.choice(STATES)
            closed = state == int(State.CLOSED)
            made.add(
                hazard_span,
                root_id=stream,
                ordinal=ordinal,
                seq_from=begin,
                seq_to=end,
                claimed_from=at,
                claimed_to=until,
                state=state,
                town_code=random.choice(TOWNS),
                town_found=random.choice(TOWNS),
                sector_code=SECTOR,
                severity=severity,
                listed_level=random.choice((0, 0, 0, 1)),
                found_at=found,
                assigned_at=random.choice((0, found + HOUR_MS)),
                due_at=random.choice((0, instant(random, at))),
                accepted_at=at if closed or random.random() < 0.2 else 0,
                closed_at=at if closed or random.random() < 0.2 else 0,
            )


def _links(made: World, random: Random, streams: list[str]) -> None:
    pairs = {tuple(sorted(random.sample(streams, 2))) for _ in range(3 if len(streams) > 1 else 0)}
    for a, b in sorted(pairs):
        score = random.choice((90, 101))
        made.add(
            identity_link, stream_a=a, stream_b=b, score=score, seq=random.randint(1, LAST_SEQ)
        )


def _beside(made: World, random: Random, streams: list[str]) -> None:
    for number in range(random.randint(0, 12)):
        for begin, end in seqs(random):
            made.add(
                check_visit,
                check_id=f"check:{number}",
                seq_from=begin,
                seq_to=end,
                place_id=random.choice(("P0", "P1", "P1", "P9")),
                checked_at=instant(random),
                channel=random.choice(("self_check", "self_check", "grid_patrol")),
            )
    for number in range(random.randint(0, 3) if streams else 0):
        for begin, end in seqs(random):
            made.add(
                side_step,
                event_seq=number,
                seq_from=begin,
                seq_to=end,
                stream_id=random.choice(streams),
                kind=random.choice(("penalised", "penalised", "case_filed")),
                claimed_at=instant(random),
            )
