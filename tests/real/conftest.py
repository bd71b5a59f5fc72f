"""Real public data, delivered as its publisher would: landed and read by the real intake.

The data itself is never part of the repository (`shared_data` in tests/conftest.py); here are only
the county configurations that map it, complete enough for `open_county` with `config_dir`.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from schemas.organisation import Organisation
from schemas.policy import Policy
from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind
from tasks.configuration import read_county
from tasks.intake.checking import Checked, check
from tasks.intake.landing import Delivery, land
from tasks.intake.mapping import map_rows
from tasks.intake.reading import read_rows
from tasks.sources.base import Part, Pulled

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
