"""A tiny county of CSV files: its sources are the benchmark's, its policy the shipped one.

tiny = Tiny.make(tmp_path, migrated_file)
tiny.drop("findings", finding("F1", at=MONDAY))
tiny.collect("findings", now=MONDAY + HOUR_MS)
"""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from sqlalchemy import Connection
from sqlalchemy.event import listen, remove

from bench.product import COUNTY, county_config
from schemas.period import DAY_MS, HOUR_MS
from schemas.records import CHECK, FINDING, PLACE, UPDATE
from schemas.settings import Settings, SourceSettings
from schemas.vocabulary import State, StreamKind
from tasks.county import County, database_url, open_county
from tasks.intake.collect import SourceReport, collect_source
from tasks.intake.streams import hazard_id
from tasks.store import ledger, vault
from tasks.store.engine import open_engine, reading, writing
from tasks.store.standing import standing
from tests.store.conftest import events

MONDAY = 1_740_931_200_000  # 2025-03-03 00:00 in Shanghai, the first day of 2025-W10
SOURCES = {"places": PLACE, "findings": FINDING, "updates": UPDATE, "checks": CHECK}
TOWN, OTHER_TOWN, SECTOR = "330282104", "330282108", "industry"
_AS_TYPED = {"no_parameters": True}  # a % is a %

Row = dict[str, str]


@dataclass(frozen=True)
class Tiny:
    """One home with its county and its drop folders."""

    county: County

    @classmethod
    def make(cls, folder: Path, migrated: Path, **policy: Any) -> "Tiny":
        """A home in `folder` with a copy of the store `migrated`.

        `policy` replaces keys inside the sections it names. Editions come as Chinese pages alone,
        without signs of gaming, unless it says otherwise: the rest costs most of an edition.
        """
        config = county_config(folder / "config")
        _changed(config / COUNTY / "policy.yaml", policy)
        for name in SOURCES:
            (folder / "drop" / name).mkdir(parents=True)
        vault.establish(folder / "home" / "vault")
        shutil.copy(migrated, folder / "home" / "bihuan.sqlite")
        return cls.opened(folder)

    @classmethod
    def opened(cls, folder: Path) -> "Tiny":
        settings = Settings.load(
            folder / "home",
            county=COUNTY,
            config_dir=folder / "config",
            sources={n: SourceSettings(folder=folder / "drop" / n) for n in SOURCES},
        )
        return cls(open_county(settings))

    def copied(self, folder: Path, *without: str) -> "Tiny":
        """The same home again, elsewhere: what is done to one does not happen to the other.

        without: names of files and folders that are left behind.
        """
        self.county.engine.dispose()  # so that everything is in the file
        left = shutil.ignore_patterns(*without)
        shutil.copytree(
            self.county.home.parent, folder, symlinks=True, ignore=left, dirs_exist_ok=True
        )
        return self.opened(folder)

    def folder(self, source: str) -> Path:
        found = self.county.settings.sources[source].folder
        assert found is not None
        return found

    def drop(self, source: str, *rows: Row, name: str = "") -> Path:
        """A new file with these rows in the source's folder."""
        folder = self.folder(source)
        path = folder / (name or f"{len(list(folder.iterdir())):03d}-{source}.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, SOURCES[source].names)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def collect(self, source: str, now: int) -> SourceReport:
        return collect_source(self.county, source, now)

    def bring(self, now: int, findings: list[Row], updates: list[Row]) -> None:
        """Findings and their updates, taken whole."""
        for source, rows in (("findings", findings), ("updates", updates)):
            if rows:
                self.drop(source, *rows)
                report = self.collect(source, now)
                assert (report.problem, report.refused) == ("", 0), report

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """Rows of a query, in the order the database gives them."""
        with reading(self.county.engine) as connection:
            found = connection.exec_driver_sql(text, execution_options=_AS_TYPED)
            return [tuple(row) for row in found]

    def execute(self, *statements: str) -> None:
        """What somebody with the owner's password could do to the database."""
        with self.county.engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement, execution_options=_AS_TYPED)
            connection.commit()

    def state(self, finding_id: str) -> State:
        return State(int(self.present(finding_id)["state"]))

    def present(self, finding_id: str) -> pd.Series:
        """The hazard's present row of `hazard_span`."""
        with reading(self.county.engine) as connection:
            rows = standing(connection, self.county.code, [hazard(finding_id)])
        assert len(rows) == 1
        return rows.iloc[0]


def _changed(path: Path, policy: dict[str, Any]) -> None:
    text = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    text["bulletin"] |= {"languages": ["zh"], "formats": ["html"]}
    for section, values in ({"watch": None} | policy).items():
        text[section] = text[section] | values if isinstance(values, dict) else values
    path.write_text(yaml.dump(text, Dumper=yaml.CSafeDumper, allow_unicode=True), "utf-8")


def hazard(finding_id: str) -> str:
    name = hazard_id("findings", finding_id)
    assert name.startswith(StreamKind.HAZARD)
    return name


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def day(ms: int) -> str:
    """The Shanghai calendar day of an instant."""
    return datetime.fromtimestamp((ms + 8 * HOUR_MS) / 1000, UTC).date().isoformat()


def finding(source_id: str, at: int = MONDAY, **fields: str) -> Row:
    """A general hazard at a place and of a category of its own, so that nothing is joined."""
    row = {
        "source_id": source_id,
        "place_id": f"P-{source_id}",
        "unit_name": f"虚构五金厂{source_id}",
        "town_code": TOWN,
        "sector_code": SECTOR,
        "category": "消防通道",
        "description": f"{source_id}号厂房消防通道被成品货物堵塞，无法通行",
        "severity": "general",
        "channel": "professional_inspection",
        "found_at": iso(at),
        "sent_at": iso(at),
    }
    return row | fields


def update(finding_id: str, event: str, at: int, **fields: str) -> Row:
    """One update; its id is bound to what happened to which hazard when."""
    row = {
        "source_id": f"{finding_id}-{event}-{at}",
        "finding_id": finding_id,
        "event": event,
        "happened_at": iso(at),
        "organisation": "虚构市工业专委办",
        "person": "核查员赵虚构",
        "sent_at": iso(at),
    }
    return row | fields


LIFE = ("verified", "assigned", "started", "submitted", "acceptance_passed", "closed")


def life(finding_id: str, at: int, *, to: str = "closed", due: int = 0) -> Iterator[Row]:
    """The updates of a whole life, hourly from `at`, up to and with `to`; `due`: a day (ms)."""
    for hours, event in enumerate(LIFE, 1):
        yield update(finding_id, event, at + hours * HOUR_MS, **_needed(finding_id, event, at, due))
        if event == to:
            return


def _needed(finding_id: str, event: str, at: int, due: int) -> Row:
    unit = {
        "responsible_unit": f"虚构五金厂{finding_id}",
        "responsible_lead": "负责人钱虚构",
        "supervising_department": "虚构市工业专委办",
    }
    if event == "assigned":
        return unit | {"due_date": day(due or at + 10 * DAY_MS)}
    if event == "started":
        return unit | {
            "measures": "清理通道并划线",
            "funding_planned_fen": "10000",
            "funding_source": "企业安全生产费用",
            "plan_reference": f"应急预案-{finding_id}",
            "interim_control": "专人值守",
        }
    if event == "submitted":
        return {
            "finished_on": day(at),
            "work_done": "已清理并划线",
            "funding_spent_fen": "9000",
            "evidence": f"photo/{finding_id}",
        }
    return {}


@contextmanager
def faster(tiny: Tiny, before: int) -> Iterator[list[int]]:
    """Another writer who appends an event just before the county's write transaction `before`.

    Counted from 1; yields the list of those he came before.
    """
    engine, seen, done = tiny.county.engine, [0], list[int]()

    def begins(_connection: Connection, options: dict[str, Any]) -> None:
        if options.get("bihuan_writes"):
            seen[0] += 1
            if seen[0] == before:
                _somebody_else(tiny)
                done.append(before)

    listen(engine, "set_connection_execution_options", begins)
    try:
        yield done
    finally:
        remove(engine, "set_connection_execution_options", begins)


def _somebody_else(tiny: Tiny) -> None:
    engine = open_engine(database_url(tiny.county.settings))
    with writing(engine) as connection:
        head = ledger.read_head(connection, tiny.county.code)
        drafts = events(f"figure:somebody-else-{head.seq}")
        ledger.append(connection, tiny.county.code, head, drafts, ledger.Stamp(0, 0, ""))
        connection.commit()
    engine.dispose()
