"""The world that is killed: a home over generated CSV files, its steps, and what must come of them.

The first updates come before their findings, so that rows wait and are taken by a later source.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.generate import generate
from bench.product import county_config

# Rows: 2,740 places, 3,750 findings, 11,265 updates, 2,310 checks.
SCALE_OF_20_000_ROWS = 0.0137
NOW = 1_748_800_800_000  # an hour after the world's end
EARLY_UPDATES = 10  # every tenth update comes before any finding
STEPS = ("updates", "places", "findings", "updates", "checks")


@dataclass(frozen=True)
class Spot:
    """Where an ingest happens: its home and its database ("" for SQLite in the home)."""

    home: Path
    url: str


def make_world(folder: Path, scale: float) -> int:
    """Write the CSV files, the updates in two deliveries; returns the rows."""
    folder.mkdir(parents=True)
    rows = generate(folder, scale).rows
    lines = (folder / "updates.csv").read_text("utf-8").splitlines(keepends=True)
    head, body = lines[0], lines[1:]
    early = body[::EARLY_UPDATES]
    rest = [line for i, line in enumerate(body) if i % EARLY_UPDATES]
    (folder / "1-updates.csv").write_text(head + "".join(early), "utf-8")
    (folder / "2-updates.csv").write_text(head + "".join(rest), "utf-8")
    (folder / "updates.csv").unlink()
    return rows


def opened(spot: Spot) -> Any:
    """The county of a home, as every command opens it."""
    from schemas.settings import Settings, SourceSettings
    from tasks.county import open_county

    drops = {n: SourceSettings(folder=spot.home / "drop" / n) for n in set(STEPS)}
    settings = Settings.load(
        spot.home,
        county="reference",
        config_dir=spot.home / "config",
        database_url=spot.url or None,
        sources=drops,
    )
    return open_county(settings)


def prepare(spot: Spot) -> None:
    """A fresh home with empty tables; a database that had some loses them first."""
    from tasks.store import vault
    from tasks.store.schema import downgrade, upgrade, version

    spot.home.mkdir(parents=True)
    county_config(spot.home / "config")
    for name in set(STEPS):
        (spot.home / "drop" / name).mkdir(parents=True)
    vault.establish(spot.home / "vault")
    engine = opened(spot).engine
    if version(engine):
        downgrade(engine, "base")
    upgrade(engine)
    engine.dispose()


def ingest(world: Path, spot: Spot) -> None:
    """Every step from the first, whatever was done before: what an operator does after a crash."""
    from tasks.intake.collect import collect_source

    county = opened(spot)
    seen: set[str] = set()
    for step in STEPS:
        number = 2 if step in seen else 1
        seen.add(step)
        _drop(world, spot, step, number)
        report = collect_source(county, step, NOW)
        if report.problem:
            raise RuntimeError(report.problem)
    county.engine.dispose()


def _drop(world: Path, spot: Spot, source: str, number: int) -> None:
    """The next file of a source arrives."""
    name = f"{number}-{source}.csv" if source == "updates" else f"{source}.csv"
    target = spot.home / "drop" / source / name
    if not target.exists():
        target.symlink_to((world / name).resolve())


def picture(spot: Spot) -> dict[str, Any]:
    """What an ingest came to, without what may differ between two runs (order, slices)."""
    from schemas.period import FOREVER
    from tasks.auditing import audit
    from tasks.store.engine import reading

    county = opened(spot)
    with reading(county.engine) as connection:
        made = {
            name: _content(connection, query, {"open": FOREVER}) for name, query in QUERIES.items()
        }
        ids = connection.exec_driver_sql(_DISTINCT).scalar_one()
    report = audit(county)
    county.engine.dispose()
    return made | {"distinct": ids, "audit": report.findings}


def whole(spot: Spot) -> dict[str, int]:
    """After a kill: what must hold of a ledger that is not finished, as numbers to compare."""
    from tasks.store.engine import reading

    county = opened(spot)
    with reading(county.engine) as connection:
        found = {n: int(connection.exec_driver_sql(q).scalar() or 0) for n, q in _WHOLE.items()}
    county.engine.dispose()
    return found


_DISTINCT = (
    "SELECT count(*) FROM (SELECT DISTINCT county, source, record, source_id FROM event) AS ids"
)
_WHOLE = {
    "head": "SELECT max(seq) FROM ledger_head",
    "events": "SELECT count(*) FROM event",
    "last": "SELECT max(seq) FROM event",
    "slices": "SELECT max(last_seq) FROM ledger_slice",
    "in_slices": "SELECT sum(last_seq - first_seq + 1) FROM ledger_slice",
    "beyond": "SELECT count(*) FROM hazard_span WHERE seq_from > (SELECT max(seq) FROM event)",
}
# Everything that must be the same, row for row; :open is replaced by "until further notice".
QUERIES = {
    "events": "SELECT source, record, source_id, kind, stream_id, claimed_at, sent_at, received_at,"
    " file_by, row_digest, delivery, payload FROM event",
    "states": "SELECT root_id, ordinal, claimed_from, claimed_to, entered_by, state, town_code,"
    " severity, elements, due_at, original_due_at, accepted_at, closed_at, backdated"
    " FROM hazard_span WHERE seq_to = {open}",
    "findings": "SELECT stream_id, root_id, place_key, category, found_at, channel FROM finding",
    "places": "SELECT place_id, ordinal, claimed_from, claimed_to, town_code FROM place_span"
    " WHERE seq_to = {open}",
    "checks": "SELECT check_id, place_id, checked_at FROM check_visit WHERE seq_to = {open}",
    "notes": "SELECT root_id, outcome, reason, missing, state FROM fact_note WHERE seq_to = {open}",
    "waiting": "SELECT source, cells_digest FROM quarantine WHERE seq_to = {open}",
    "submissions": "SELECT source, delivery, period, rows_received, rows_taken, rows_refused,"
    " rows_known FROM submission",
    "cursors": "SELECT source, cursor, pulled_at FROM source_cursor",
}


def _content(connection: Any, query: str, values: dict[str, int]) -> list[Any]:
    """[rows, digest of the sorted rows]."""
    rows = connection.exec_driver_sql(query.format(**values))
    texts = sorted(repr(tuple(row)) for row in rows)
    return [len(texts), hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]]
