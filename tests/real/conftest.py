"""Real public data, delivered as its publisher would: landed, read and taken by the real intake.

The data itself is never part of the repository (`shared_data` in tests/conftest.py); here are only
the county configurations that map it, complete enough for `open_county` with `config_dir`.
"""

import gzip
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from schemas.organisation import Organisation
from schemas.period import FOREVER
from schemas.policy import Policy
from schemas.settings import Settings, SourceSettings
from schemas.source import SourceDeclaration
from schemas.tables import event
from schemas.tables_projections import fact_note, hazard_span
from schemas.vocabulary import FACT_RANK, FactKind, RecordKind, State
from tasks.configuration import read_county
from tasks.county import County, open_county
from tasks.intake.checking import Checked, check
from tasks.intake.collect import SourceReport, collect_source
from tasks.intake.landing import Delivery, land
from tasks.intake.mapping import map_rows
from tasks.intake.reading import read_rows
from tasks.sources.base import Part, Pulled
from tasks.store import vault
from tasks.store.engine import reading
from tasks.store.schema import upgrade

CONFIG = Path(__file__).parent / "config"
# 1 April 2026, after the last status in any of the data sets.
RECEIVED_AT = 1_774_972_800_000


@dataclass(frozen=True)
class RealCounty:
    """One county of real data: its configuration and the one source it has."""

    organisation: Organisation
    policy: Policy
    declaration: SourceDeclaration
    landing: Path

    def land(self, path: Path) -> Delivery:
        """Land one file (gzip is taken off) of a source that reports alone."""
        content = path.read_bytes()
        if path.suffix == ".gz":
            content, path = gzip.decompress(content), path.with_suffix("")
        pulled = Pulled((Part(path.name, content),), "csv", self.declaration.name, None, "")
        return land(
            self.landing, self.declaration, pulled, RECEIVED_AT, RECEIVED_AT, seal=lambda _: []
        )

    def map(self, rows: pd.DataFrame) -> dict[RecordKind, pd.DataFrame]:
        return map_rows(rows, self.declaration, self.organisation)

    def check(self, frame: pd.DataFrame, kind: RecordKind) -> Checked:
        return check(
            frame,
            kind,
            received=RECEIVED_AT,
            organisation=self.organisation,
            place_classes=self.policy.campaign.place_classes,
            extra_rules=self.declaration.extra_rules,
        )


@pytest.fixture(scope="module")
def real_county(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], RealCounty]:
    """A county of tests/real/config by its folder's name."""

    def configured(name: str) -> RealCounty:
        organisation, policy, sources = read_county(CONFIG / name)
        (declaration,) = sources.values()
        landing = tmp_path_factory.mktemp(name) / organisation.code
        return RealCounty(organisation, policy, declaration, landing)

    return configured


@pytest.fixture(scope="module")
def deliver() -> Callable[[RealCounty, Path], pd.DataFrame]:
    """The rows of one file as the pipeline reads them."""

    def rows(county: RealCounty, path: Path) -> pd.DataFrame:
        return read_rows(county.land(path), county.declaration)

    return rows


@dataclass(frozen=True)
class Home:
    """A county of tests/real/config with a ledger of its own and a drop folder per source."""

    county: County

    def drop(self, source: str, path: Path, name: str | None = None) -> None:
        """Put a file (gzip is taken off) where its publisher would."""
        content = path.read_bytes()
        if path.suffix == ".gz":
            content, path = gzip.decompress(content), path.with_suffix("")
        (self.county.home / "drop" / source / (name or path.name)).write_bytes(content)

    def collect(self, source: str) -> SourceReport:
        return collect_source(self.county, source, RECEIVED_AT)

    def table(self, query: str) -> pd.DataFrame:
        """The ledger and what follows from it, by SQL."""
        return pd.read_sql(query, self.county.engine)

    def standing(self) -> dict[str, int]:
        """Hazards by the state they stand in now."""
        now = (hazard_span.c.seq_to == FOREVER) & (hazard_span.c.claimed_to == FOREVER)
        with reading(self.county.engine) as connection:
            states = connection.execute(select(hazard_span.c.state).where(now)).scalars()
            return Counter(State(state).name.lower() for state in states)

    def entered(self, kind: FactKind) -> pd.DataFrame:
        """The spans that every effective fact of a kind began."""
        s = hazard_span.c
        query = select(s).where(s.seq_to == FOREVER, s.entered_by == FACT_RANK[kind])
        with reading(self.county.engine) as connection:
            return pd.read_sql(query, connection)

    def noted(self) -> dict[tuple[str, str], int]:
        """Facts that did not simply apply: (kind of fact, why not; "" lacks data) → how many."""
        query = (
            select(event.c.kind, fact_note.c.reason)
            .join(event, event.c.seq == fact_note.c.event_seq)
            .where(fact_note.c.seq_to == FOREVER)
        )
        with reading(self.county.engine) as connection:
            return Counter((kind, reason) for kind, reason in connection.execute(query))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Home]:
    """A fresh home for a county of tests/real/config whose sources are folders."""

    def made(name: str, sources: Iterable[str], config: Path = CONFIG, **stored: Any) -> Home:
        root = tmp_path_factory.mktemp(name) / "home"
        folders = {source: root / "drop" / source for source in sources}
        for folder in folders.values():
            folder.mkdir(parents=True)
        settings = Settings.load(
            root,
            config_dir=config,
            county=name,
            sources={s: SourceSettings(folder=folder) for s, folder in folders.items()},
            **stored,
        )
        vault.establish(root / "vault")
        county = open_county(settings)
        upgrade(county.engine)
        return Home(county)

    return made


@dataclass(frozen=True)
class Collected(Home):
    """A county whose one source was collected twice."""

    first: SourceReport
    second: SourceReport


@pytest.fixture(scope="module")
def collected(shared_data: Path, home: Callable[..., Home]) -> Callable[[str, str, str], Collected]:
    def run(name: str, source: str, file: str) -> Collected:
        made = home(name, [source])
        made.drop(source, shared_data / file)
        first, second = (made.collect(source) for _ in range(2))
        return Collected(made.county, first, second)

    return run
