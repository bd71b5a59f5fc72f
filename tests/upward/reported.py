"""A tiny county that reports upward, and one report in a process of its own, to be killed.

python -m tests.upward.reported FOLDER     reports, and dies between sending and marking
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import yaml

from bench.product import COUNTY
from rules.kinds import period_of
from schemas.period import DAY_MS, HOUR_MS
from schemas.settings import Settings, SourceSettings
from schemas.vocabulary import EditionKind
from tasks.county import open_county
from tasks.publishing import publish
from tests.store.tiny import MONDAY, OTHER_TOWN, SOURCES, Tiny, finding, life

MARCH = period_of(EditionKind.STATUTORY, "2025-03", "Asia/Shanghai")
NOW = MARCH.end + 3 * DAY_MS
TABLE: dict[str, Any] = {
    "name": "table",
    "what": "statutory",
    "kind": "statutory",
    "format": "json",
    "columns": {
        "单位": "name",
        "应查": "units_due",
        "发现": "general_found",
        "整改率": "general_rate",
    },
    "filename": "表-{period}-{edition}.json",
    "channel": "http",
    "destination": "city",
}
HAZARDS: dict[str, Any] = {
    "name": "hazards",
    "what": "hazards",
    "kind": "statutory",
    "format": "csv",
    "columns": {
        "编号": "number",
        "责任单位": "unit",
        "镇街": "town",
        "状态": "state",
        "期限": "due_on",
    },
    "filename": "隐患-{period}-{edition}.csv",
    "channel": "drop",
    "destination": "folder",
}


def declared(tiny: Tiny, *exports: dict[str, Any]) -> None:
    folder = tiny.county.home.parent
    path = folder / "config" / COUNTY / "upward.yaml"
    text = yaml.safe_dump({"exports": list(exports)}, allow_unicode=True, sort_keys=False)
    path.write_text(text, "utf-8")
    (folder / "above").mkdir(exist_ok=True)


def told(folder: Path, url: str) -> None:
    """The home's settings, as its owner writes them."""
    above = {"folder": str(folder / "above"), "city": url}
    lines = [f'[upward.folder]\nfolder = "{above["folder"]}"']
    lines += [f'[upward.city]\nurl = "{url}"\ntoken = "canary-token-77"\ntimeout_seconds = 5']
    (folder / "home" / "bihuan.toml").write_text("\n".join(lines), "utf-8")


def opened(folder: Path) -> Tiny:
    sources = {n: SourceSettings(folder=folder / "drop" / n) for n in SOURCES}
    settings = Settings.load(
        folder / "home", county=COUNTY, config_dir=folder / "config", sources=sources
    )
    return Tiny(open_county(settings))


def lived(tiny: Tiny) -> None:
    """A month: one hazard closed, two open, one of them told of by a member of the public."""
    public = {"channel": "public_report", "description": "举报人王虚构称仓库门锁死"}
    tiny.bring(
        NOW - DAY_MS,
        [
            finding("A"),
            finding("B", MONDAY + HOUR_MS, **public),
            finding("C", MONDAY, town_code=OTHER_TOWN, unit_name="=SUM(1)虚构厂"),
        ],
        [*life("A", MONDAY + HOUR_MS), *life("C", MONDAY + HOUR_MS, to="started")],
    )
    publish(tiny.county, MARCH, NOW)


def main(folder: str) -> None:
    from tasks import posting
    from tasks.upward import export

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    posting._mark = die
    export(opened(Path(folder)).county, EditionKind.STATUTORY, "2025-03", NOW, name="table")


if __name__ == "__main__":
    main(*sys.argv[1:])
