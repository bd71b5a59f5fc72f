"""The fictitious city with a county that collects from it: real servers, files and a database."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.servers.city import City
from demo.servers.faults import Fault
from demo.world import World
from schemas.settings import Settings
from tasks.county import County, open_county
from tasks.intake.collect import SourceReport, collect_source
from tasks.store import vault
from tasks.store.engine import reading
from tests.house.code import ROOT

# The order of the schedule; updates of one source may come before the hazards of another.
SOURCES = ("registry", "upper", "inspection", "complaints", "grid", "selfcheck")
Reports = dict[str, SourceReport]


@dataclass(frozen=True)
class Scene:
    """A city, and a county whose sources are its servers."""

    city: City
    county: County

    @classmethod
    def make(cls, city: City, home: Path, migrated: Path) -> "Scene":
        folder = home / "config" / "linwan"
        shutil.copytree(ROOT / "config" / "cixi", folder)
        shutil.copy(ROOT / "demo" / "organisation.yaml", folder)
        vault.establish(home / "vault")
        shutil.copy(migrated, home / "bihuan.sqlite")
        settings = Settings.load(
            home,
            config_dir=home / "config",
            county="linwan",
            demo=True,
            sources={n: s | {"timeout_seconds": 0.5} for n, s in city.settings().items()},
        )
        return cls(city, open_county(settings))

    def collect(self, now: int) -> Reports:
        """Every source once, as the schedule does."""
        return {name: collect_source(self.county, name, now) for name in SOURCES}

    def facts(self) -> set[tuple[Any, ...]]:
        """What the ledger says of the world, without when it came and under which tokens."""
        return self.query(
            "SELECT source, record, source_id, kind, row_digest FROM event"
            " WHERE record NOT IN ('submission', 'vault') AND source <> 'identity'"
        )

    def standing(self) -> set[tuple[Any, ...]]:
        """Every hazard's present state."""
        return self.query(
            "SELECT root_id, state, town_code, due_at, accepted_at, listed_level FROM hazard_span"
            " WHERE seq_to > 4000000000000000000 AND claimed_to > 4000000000000000000"
        )

    def refused(self) -> set[tuple[Any, ...]]:
        """What still stands in quarantine."""
        return self.query(
            "SELECT source, cells_digest, codes FROM quarantine WHERE seq_to > 4000000000000000000"
        )

    def query(self, text: str) -> set[tuple[Any, ...]]:
        with reading(self.county.engine) as connection:
            rows = [tuple(row) for row in connection.exec_driver_sql(text)]
        assert len(set(rows)) == len(rows)
        return set(rows)


def running(world: World, folder: Path, **faults: Fault) -> City:
    """A started city at the end of its world, with faults that began before anything was sent."""
    city = City(folder=folder, world=world).start()
    for source, fault in faults.items():
        city.break_(source, fault)
    city.advance(world.weeks.last)
    return city
