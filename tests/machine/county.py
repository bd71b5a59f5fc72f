"""A county with two sources that tell of everything, and its operators: the doors of the store.

county = Home.made(folder, migrated)        # once; then
home = county.copied(another_folder)        # for every example
home.deliver("grid", [row, row], now)
home.act([Action(...)], now)
"""

import csv
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.product import COUNTY, county_config
from schemas.period import HOUR_MS
from schemas.records import FINDING, UPDATE
from schemas.settings import Settings, SourceSettings
from schemas.vocabulary import OperatorRole
from tasks.acting import Action, ActReport, act_all
from tasks.county import County, open_county
from tasks.enrolling import enrol
from tasks.intake.collect import SourceReport, collect_source
from tasks.intake.streams import hazard_id
from tasks.store import vault
from tasks.store.engine import reading
from tests.operators.people import Device
from tests.store.tiny import MONDAY, day, iso

SOURCES = ("grid", "hotline")
ACTOR, SECOND, OTHER = "张虚构", "李虚构", "赵虚构"  # the first is not enrolled and needs not be
OFFICE = "虚构市工业专委办"
COLUMNS = ("record", *dict.fromkeys((*FINDING.names, *UPDATE.names)))
_TIMES, _DATES = ({f.name for s in (FINDING, UPDATE) for f in s.fields if f.kind == kind}
                  for kind in ("time", "date"))  # fmt: skip

Row = dict[str, Any]  # a canonical record as values: times and dates are UTC ms
Query = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Home:
    """One home; `devices` show the codes of those who are enrolled as second persons."""

    county: County
    devices: tuple[Device, ...]

    @classmethod
    def made(cls, folder: Path, migrated: Path) -> "Home":
        """A home in `folder` with a copy of the store `migrated` and nothing but two operators."""
        config = county_config(folder / "config") / COUNTY
        shutil.rmtree(config / "sources")
        (config / "sources").mkdir()
        for name in SOURCES:
            (config / "sources" / f"{name}.yaml").write_text(_declared(name), "utf-8")
            (folder / "drop" / name).mkdir(parents=True)
        _write_policy(config / "policy.yaml")
        vault.establish(folder / "home" / "vault")
        shutil.copy(migrated, folder / "home" / "bihuan.sqlite")
        county = _opened(folder)
        made = [
            enrol(county, n, OFFICE, OperatorRole.LEADER, ACTOR, MONDAY) for n in (SECOND, OTHER)
        ]
        county.engine.dispose()  # so that everything is in the file
        return cls(county, tuple(Device(one.name, one.secret) for one in made))

    def copied(self, folder: Path) -> "Home":
        shutil.copytree(self.county.home.parent, folder, dirs_exist_ok=True)
        return Home(_opened(folder), self.devices)

    def gone(self) -> None:
        """Nothing of it is left on disk."""
        self.county.engine.dispose()
        shutil.rmtree(self.county.home.parent)

    def deliver(self, source: str, rows: Sequence[Row], now: int) -> SourceReport:
        """A file with these rows, in this order, and its collect."""
        folder = self.county.home.parent / "drop" / source
        path = folder / f"{len(list(folder.iterdir())):03d}-{source}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(text_of(row) for row in rows)
        report = collect_source(self.county, source, now)
        assert not report.problem, report
        assert set(report.refused_by) <= {"A001"}, report  # their hazard has not come yet
        return report

    def act(self, actions: Sequence[Action], now: int, dry_run: bool = False) -> list[ActReport]:
        """What operators say; whoever is named as second person shows a code of this moment."""
        named = {action.data.get("second_person", "") for action in actions}
        codes = [device.shows(now) for device in self.devices if device.name in named]
        return act_all(
            self.county, actions, now, actor=ACTOR, code="".join(codes[:1]), dry_run=dry_run
        )

    def query(self, text: str) -> Query:
        with reading(self.county.engine) as connection:
            found = connection.exec_driver_sql(text, execution_options={"no_parameters": True})
            return [tuple(row) for row in found]


def hazard(source: str, source_id: str) -> str:
    return hazard_id(source, source_id)


def text_of(row: Row) -> dict[str, str]:
    """The row as it stands in a file."""
    return {name: _text(name, value) for name, value in row.items() if value is not None}


def data_of(row: Row) -> dict[str, str]:
    """What of an update an operator types into a form."""
    own = ("record", "source_id", "finding_source", "finding_id", "event", "sent_at", "implied")
    return {name: text for name, text in text_of(row).items() if name not in own}


def _text(name: str, value: Any) -> str:
    if name in _TIMES:
        return iso(value)
    return day(value - HOUR_MS) if name in _DATES else str(value)  # a day is stored as its 24:00


def _opened(folder: Path) -> County:
    settings = Settings.load(
        folder / "home",
        county=COUNTY,
        config_dir=folder / "config",
        sources={name: SourceSettings(folder=folder / "drop" / name) for name in SOURCES},
    )
    return open_county(settings)


def _declared(name: str) -> str:
    """Findings and updates in one file, told apart by `record`, mapped one to one."""
    records = [
        {
            "record": shape.kind.value,
            "where": [{"column": "record", "in": [shape.kind.value]}],
            "fields": {field.name: _spec(field.name, field.kind) for field in shape.fields},
        }
        for shape in (FINDING, UPDATE)
    ]
    declaration = {
        "name": name,
        "title": {"zh": name, "en": name},
        "owner": {"zh": name, "en": name},
        "connector": {"type": "workbook", "name": rf".*{name}\.csv"},
        "cadence": "continuous",
        "records": records,
    }
    return yaml.safe_dump(declaration, allow_unicode=True)


def _spec(name: str, kind: str) -> Any:
    readings = {
        "time": {"time": "iso"},
        "date": {"date": "%Y-%m-%d"},
        "money": {"money": "fen"},
    }
    words = {"town_code": {"town": True}, "sector_code": {"sector": True}}
    reading_ = readings.get(kind) or words.get(name)
    return {"from": name} | reading_ if reading_ else name


def _write_policy(path: Path) -> None:
    """Listed without asking; what was found before the first Monday is opening."""
    policy = yaml.safe_load(path.read_text("utf-8"))
    policy["go_live"] = day(MONDAY)
    policy["listing"]["approval"] = "at_once"
    path.write_text(yaml.safe_dump(policy, allow_unicode=True), "utf-8")
