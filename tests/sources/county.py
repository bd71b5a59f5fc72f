"""A county with one declared source, on SQLite, collected from by the real intake.

county = county_of(tmp_path, connector, records, url=server.url_for(""))
collect_source(county, "feed", NOW)
"""

from pathlib import Path
from typing import Any

import yaml

from schemas.settings import Settings, SourceSettings
from tasks.county import County, open_county
from tasks.store import vault
from tasks.store.engine import reading
from tasks.store.schema import upgrade, version
from tests.house.code import ROOT

NOW = 1_741_564_800_000  # 2025-03-10T00:00:00Z
TOWN = "330282104"
FINDING: dict[str, Any] = {
    "record": "finding",
    "fields": {
        "source_id": "id",
        "place_id": "id",
        "town_code": {"const": TOWN},
        "sector_code": {"const": "industry"},
        "category": {"const": "消防通道"},
        "description": "text",
        "severity": {"const": "general"},
        "channel": {"const": "professional_inspection"},
        "found_at": {"from": "found_at", "time": "iso"},
        "sent_at": {"from": "updated_at", "time": "iso"},
    },
}


def finding(name: str, updated_at: str = "2025-03-05T08:00:00Z", **fields: Any) -> dict[str, Any]:
    """A row of a feed; every hazard is at a place of its own."""
    row = {"id": name, "text": f"{name}号厂房通道堵塞", "found_at": "2025-03-01T08:00:00Z"}
    return row | {"updated_at": updated_at} | fields


def declared(folder: Path, connector: dict[str, Any], records: list[dict[str, Any]]) -> Path:
    """A configuration folder whose county `one` has the source `feed`; its path."""
    county = folder / "config" / "one"
    (county / "sources").mkdir(parents=True, exist_ok=True)
    shipped = ROOT / "config" / "cixi"
    (county / "organisation.yaml").write_bytes((shipped / "organisation.yaml").read_bytes())
    policy = yaml.safe_load((shipped / "policy.yaml").read_text("utf-8")) | {"calendar": []}
    (county / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True), "utf-8")
    source = {
        "name": "feed",
        "title": {"zh": "虚构来源", "en": "Fictitious feed"},
        "owner": {"zh": "虚构局", "en": "Fictitious bureau"},
        "cadence": "continuous",
        "connector": connector,
        "records": records,
    }
    text = yaml.safe_dump(source, allow_unicode=True)
    (county / "sources" / "feed.yaml").write_text(text, "utf-8")
    return folder / "config"


def county_of(
    folder: Path,
    connector: dict[str, Any],
    records: list[dict[str, Any]] | None = None,
    /,
    **settings: Any,
) -> County:
    """The county in `folder`; opened again it is the same one."""
    config = declared(folder, connector, records or [FINDING])
    home = folder / "home"
    if not (home / "vault").exists():
        vault.establish(home / "vault")
    where = SourceSettings(**{"timeout_seconds": 5, **settings})
    county = open_county(
        Settings.load(home, config_dir=config, county="one", sources={"feed": where})
    )
    if not version(county.engine):
        upgrade(county.engine)
    return county


def query(county: County, text: str) -> list[tuple[Any, ...]]:
    with reading(county.engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(text)]


def taken(county: County) -> list[tuple[Any, ...]]:
    """(record, id, content) of every event of the source, in the order of their ids."""
    return query(
        county,
        "SELECT record, source_id, row_digest FROM event WHERE source = 'feed'"
        " AND record <> 'submission' ORDER BY record, source_id, row_digest",
    )
