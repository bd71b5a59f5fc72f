"""PostgreSQL's own ratios, in one run: COPY against executemany, parts of counties against none.

The same rows go into a database whose tables are whole (the schema before 0007) and into one with
a part per county, county after county, in turn; then both are asked what the product asks: the
spans of one county that hold an instant, and a hundred streams by their key.
Try: `python -m bench.postgres --rows 100000`
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, Integer, Table, func, select

from schemas.tables import event
from schemas.tables_projections import hazard_span
from tasks.store import bulk, parts, schema
from tasks.store.engine import open_engine, reading, writing
from tools.postgres import fresh_database, throwaway_server

COUNTIES = tuple(f"{330281 + n}" for n in range(4))
WHOLE, PARTS = "whole", "parts"
_STREAMS, _ASKED = 100, 15
_TEXT = {
    "payload": '{"text":"' + "消防通道被杂物占用" * 20 + '"}',
    "hash": "a" * 64,
    "prev_hash": "b" * 64,
}

Row = tuple[Any, ...]


def rows(table: Table, county: str, count: int) -> list[Row]:
    """Rows of about the product's size; every stream has four events or spans."""
    return [tuple(_value(c, county, n) for c in table.columns) for n in range(1, count + 1)]


def _value(column: Any, county: str, n: int) -> Any:
    name = column.name
    if name in ("stream_id", "root_id"):
        return f"hazard:findings:H{n // 4:08}"
    if name in ("version", "ordinal"):
        return n % 4 + 1
    if isinstance(column.type, Integer):
        return n % 3 if "small" in str(column.type).lower() else n
    return county if name == "county" else _TEXT.get(name, f"{n % 97}")


def timed(work: Callable[[], Any]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def put(engine: Engine, table: Table, given: list[Row]) -> None:
    with writing(engine) as connection:
        bulk.insert(connection, table, given)
        connection.commit()


def put_one_by_one(engine: Engine, table: Table, given: list[Row]) -> None:
    """What a driver does with a list of rows where nobody thinks of COPY; nothing is kept."""
    marks = ", ".join(["%s"] * len(table.columns))
    with writing(engine) as connection:
        cursor = connection.connection.cursor()
        cursor.executemany(f"INSERT INTO {table.name} VALUES ({marks})", given)


def ask(engine: Engine, county: str) -> tuple[float, float]:
    """Seconds for a count of one county's spans, and for a hundred streams by their key."""
    spans = select(hazard_span.c.town_code, func.count()).where(
        hazard_span.c.county == county, hazard_span.c.claimed_to > 0
    )
    streams = [f"hazard:findings:H{n * 7:08}" for n in range(_STREAMS)]

    def by_key() -> None:
        with reading(engine) as connection, bulk.keys(connection, streams) as wanted:
            chosen = event.c.stream_id.in_(wanted)
            bulk.select(connection, select(event).where(event.c.county == county, chosen))

    def count() -> None:
        with reading(engine) as connection:
            bulk.select(connection, spans.group_by(hazard_span.c.town_code))

    return (
        median(timed(count) for _ in range(_ASKED)),
        median(timed(by_key) for _ in range(_ASKED)),
    )


def measure(made: dict[str, Engine], count: int) -> Iterator[tuple[str, float]]:
    events = {c: rows(event, c, count) for c in COUNTIES}
    copied = timed(lambda: put(made[WHOLE], event, events[COUNTIES[0]]))
    typed = timed(lambda: put_one_by_one(made[WHOLE], event, rows(event, "000000", count)))
    yield "COPY: executemany takes times", typed / copied
    put(made[PARTS], event, events[COUNTIES[0]])
    for table in (event, hazard_span):
        seconds: dict[str, list[float]] = {WHOLE: [], PARTS: []}
        for number, county in enumerate(COUNTIES[1:]):
            given = events[county] if table is event else rows(table, county, count)
            for name in (WHOLE, PARTS)[:: 1 if number % 2 else -1]:
                seconds[name].append(timed(partial(put, made[name], table, given)))
        yield f"write {table.name}: parts / whole", sum(seconds[PARTS]) / sum(seconds[WHOLE])
    for engine in made.values():
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    asked = {name: ask(engine, COUNTIES[2]) for name, engine in made.items()}
    yield "count one county of four: parts / whole", asked[PARTS][0] / asked[WHOLE][0]
    yield "a hundred streams by key: parts / whole", asked[PARTS][1] / asked[WHOLE][1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="events of each county")
    count = parser.parse_args().rows
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-pg-"))
        server = stack.enter_context(throwaway_server(Path(folder) / "data"))
        made = {
            name: open_engine(stack.enter_context(fresh_database(server)))
            for name in (WHOLE, PARTS)
        }
        schema.upgrade(made[WHOLE], "0005")
        schema.upgrade(made[PARTS])
        for county in COUNTIES:
            parts.open_county(made[PARTS], county)
        for name, ratio in measure(made, count):
            print(f"{name:<45} {ratio:6.2f}", flush=True)
        for engine in made.values():
            engine.dispose()


if __name__ == "__main__":
    main()
