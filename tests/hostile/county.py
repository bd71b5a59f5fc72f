"""A small county with a door for every medium, and what became of what was pushed through it.

door = Door.make(tmp_path, migrated_file)
seen = door.collect({"a.csv": table(finding("F1"))})
"""

import csv
import io
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import yaml

from bench.product import COUNTY, county_config
from schemas.period import HOUR_MS
from schemas.records import FINDING
from schemas.settings import Settings, SourceSettings
from tasks.county import County, open_county
from tasks.intake.collect import SourceReport, collect_source
from tasks.intake.drafts import Taking
from tasks.intake.landing import landed
from tasks.intake.sift import sift
from tasks.store import vault
from tasks.store.engine import reading
from tests.store.tiny import MONDAY, Row, finding

NOW = MONDAY + 12 * HOUR_MS
COLUMNS = (*FINDING.names, "event", "money")
FILE, WEB, GEO, QUIET = "file", "web", "geo", "findings"
FOLDERS = (FILE, QUIET)
CONNECTORS: dict[str, dict[str, Any]] = {
    FILE: {"type": "workbook", "name": r".*\.(?:csv|tsv|xlsx|xls|ods)"},
    WEB: {"type": "http_json", "path": "/feed", "updated_field": "sent_at"},
    GEO: {"type": "open311", "format": "xml", "updates": False},
}
TIME = {"time": "iso", "zone": "Asia/Shanghai"}


@dataclass(frozen=True)
class Seen:
    """What became of one hostile delivery."""

    report: SourceReport
    refused: dict[str, str]  # source id → rule codes
    lines: dict[str, int]  # source id → line of a refused row
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)  # source id → what it says
    warned: dict[int, str] = field(default_factory=dict)  # line of an accepted row → codes


@dataclass(frozen=True)
class Door:
    county: County

    @classmethod
    def make(
        cls, folder: Path, migrated: Path, url: str = "http://127.0.0.1:9", **more: Any
    ) -> Any:
        """A home in `folder`; `more` replaces keys of the file source's connector."""
        sources = county_config(folder / "config") / COUNTY / "sources"
        for name, connector in CONNECTORS.items():
            said = connector | (more if name == FILE else {})
            (sources / f"{name}.yaml").write_text(yaml.safe_dump(_declared(name, said)), "utf-8")
        for name in FOLDERS:
            (folder / "drop" / name).mkdir(parents=True)
        vault.establish(folder / "home" / "vault")
        shutil.copy(migrated, folder / "home" / "bihuan.sqlite")
        settings = {n: SourceSettings(folder=folder / "drop" / n) for n in FOLDERS}
        for name in (WEB, GEO):
            limits = {"timeout_seconds": 0.2, "max_bytes": 4 << 20}
            settings[name] = SourceSettings(url=url, **limits)
        home = Settings.load(
            folder / "home", county=COUNTY, config_dir=folder / "config", sources=settings
        )
        return cls(open_county(home))

    def collect(
        self, files: dict[str, bytes], source: str = FILE, now: int = NOW, warnings: bool = False
    ) -> Seen:
        """Drop files, there and for a quiet source beside it; collect the source, and look."""
        self._drop(FILE, files)
        self._drop(QUIET, {f"{now}-findings.csv": table(finding(f"quiet-{now}"))})
        report = collect_source(self.county, source, now)
        rows = self._query(
            f"SELECT source_id, codes, line FROM quarantine WHERE source = '{source}'"
        )
        return Seen(
            report,
            {row[0]: row[1] for row in rows},
            {row[0]: row[2] for row in rows},
            self._accepted(source),
            self._warned(source) if warnings else {},
        )

    def quiet(self, now: int = NOW) -> SourceReport:
        """The quiet source is collected: a row for every delivery of the others."""
        return collect_source(self.county, QUIET, now)

    def warned_by(self, source: str) -> list[dict[str, int]]:
        """Accepted rows with a warning, by code, for every submission in its order."""
        rows = self._query(
            f"SELECT warned_by FROM submission_quality WHERE source = '{source}' ORDER BY seq"
        )
        return [orjson.loads(row[0]) for row in rows]

    def clear(self) -> None:
        """What was dropped for the case before is taken away."""
        for path in (self.county.home / ".." / "drop" / FILE).iterdir():
            path.unlink()

    def _drop(self, source: str, files: dict[str, bytes]) -> None:
        folder = self.county.settings.sources[source].folder
        assert folder is not None
        for name, content in files.items():
            (folder / name).write_bytes(content)

    def _accepted(self, source: str) -> dict[str, dict[str, Any]]:
        rows = self._query(
            "SELECT source_id, version, claimed_at, payload FROM event"
            f" WHERE source = '{source}' AND record = 'finding' ORDER BY seq"
        )
        return {
            str(row[0]): {"version": row[1], "claimed_at": row[2], **orjson.loads(row[3])}
            for row in rows
        }

    def _warned(self, source: str) -> dict[int, str]:
        """Codes of warnings; a report only counts them, so the rows are sifted once more."""
        deliveries = tuple(landed(self.county.landing, source))
        if not deliveries:
            return {}
        found = sift(Taking(self.county, self.county.sources[source], deliveries)).warned
        return dict(zip(found["line"], found["codes"], strict=True))

    def _query(self, text: str) -> list[tuple[Any, ...]]:
        with reading(self.county.engine) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(text)]


def _declared(name: str, connector: dict[str, Any]) -> dict[str, Any]:
    """Findings one to one, and an update with money where a row names an event."""
    words: dict[str, Any] = {n: n for n in FINDING.names}
    words |= {"town_code": {"from": "town_code", "town": True}}
    words |= {"found_at": {"from": "found_at", **TIME}, "sent_at": {"from": "sent_at", **TIME}}
    update = {
        "source_id": {"from": ["source_id", "=event"], "join": ":"},
        "finding_id": "source_id",
        "event": "event",
        "happened_at": words["found_at"],
        "funding_planned_fen": {"from": "money", "money": "fen"},
    }
    title = {"zh": "来源", "en": "Source"}
    return {
        "name": name,
        "title": title,
        "owner": title,
        "connector": connector,
        "cadence": "continuous",
        "records": [
            {"record": "finding", "fields": words},
            {
                "record": "update",
                "where": [{"column": "event", "filled": True}],
                "fields": update,
            },
        ],
    }


def cells(*rows: Row) -> list[list[Any]]:
    """Rows under their heading, as a table of cells."""
    return [list(COLUMNS), *([row.get(name, "") for name in COLUMNS] for row in rows)]


def table(*rows: Row, delimiter: str = ",") -> bytes:
    """Rows as UTF-8 csv."""
    return written(cells(*rows), delimiter).encode("utf-8", "surrogatepass")


def written(grid: Iterable[Iterable[Any]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(grid)
    return out.getvalue()
