"""The main job on real data, by YAML alone: collected into a ledger, folded, accounted, audited."""

import gzip
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.period import FOREVER
from schemas.settings import Settings, SourceSettings
from schemas.tables_projections import fact_note, hazard_span
from schemas.vocabulary import FACT_RANK, FactKind, State
from tasks.auditing import audit
from tasks.county import County, open_county
from tasks.intake.collect import SourceReport, collect_source
from tasks.store import vault
from tasks.store.engine import reading
from tasks.store.schema import upgrade

CONFIG = Path(__file__).parent / "config"
NOW = 1_774_972_800_000  # 1 April 2026, after the last status in any of the data sets


@dataclass(frozen=True)
class Collected:
    """A county that has collected one real file, twice."""

    county: County
    first: SourceReport
    second: SourceReport

    def standing(self) -> Counter[str]:
        """Hazards by the state they stand in now."""
        now = (hazard_span.c.seq_to == FOREVER) & (hazard_span.c.claimed_to == FOREVER)
        with reading(self.county.engine) as connection:
            states = connection.execute(select(hazard_span.c.state).where(now)).scalars()
            return Counter(State(state).name.lower() for state in states)

    def entered(self, kind: FactKind) -> list[tuple[int, int, int]]:
        """(accepted_at, due_at, original_due_at) of every effective fact of a kind."""
        s = hazard_span.c
        query = select(s.accepted_at, s.due_at, s.original_due_at).where(
            s.seq_to == FOREVER, s.entered_by == FACT_RANK[kind]
        )
        with reading(self.county.engine) as connection:
            return [tuple(row) for row in connection.execute(query)]

    def noted(self) -> Counter[str]:
        """Facts that did not simply apply, by reason ("" lacks data)."""
        query = select(fact_note.c.reason).where(fact_note.c.seq_to == FOREVER)
        with reading(self.county.engine) as connection:
            return Counter(connection.execute(query).scalars())


@pytest.fixture(scope="module")
def collected(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str, str, str], Collected]:
    def run(name: str, source: str, file: str, dropped_as: str) -> Collected:
        home = tmp_path_factory.mktemp(name) / "home"
        (home / "drop").mkdir(parents=True)
        content = (shared_data / file).read_bytes()
        content = gzip.decompress(content) if file.endswith(".gz") else content
        (home / "drop" / dropped_as).write_bytes(content)
        settings = Settings.load(
            home,
            config_dir=CONFIG,
            county=name,
            sources={source: SourceSettings(folder=home / "drop")},
        )
        vault.establish(home / "vault")
        county = open_county(settings)
        upgrade(county.engine)
        first, second = (collect_source(county, source, NOW) for _ in range(2))
        return Collected(county, first, second)

    return run


@pytest.fixture(scope="module")
def bronx(collected: Callable[..., Collected]) -> Collected:
    return collected(
        "bronx",
        "hpd_bronx",
        "hpd_bronx/violations_2004_2024.csv.gz",
        "violations_2004_2024.csv",
    )


@pytest.fixture(scope="module")
def shenzhen(collected: Callable[..., Collected]) -> Collected:
    return collected("shenzhen", "shenzhen_selfcheck", "shenzhen_selfcheck/train.csv", "train.csv")


def test_every_row_of_bronx_is_taken_refused_or_known(bronx: Collected) -> None:
    first = bronx.first
    assert not first.problem
    assert (first.received, first.taken, first.refused, first.known) == (15_079, 15_074, 5, 0)
    assert first.refused_by == {"R001": 5}


def test_the_same_file_again_appends_nothing(bronx: Collected, shenzhen: Collected) -> None:
    for each in (bronx, shenzhen):
        assert each.second.appended == 0
        assert each.second.known == each.second.received == each.first.received


def test_bronx_hazards_end_in_the_states_that_their_statuses_say(bronx: Collected) -> None:
    """166 of the 15,074 findings are re-finds that identity joins to another one."""
    assert bronx.standing() == {
        "rectifying": 13_481,
        "submitted": 736,
        "closed": 682,
        "verified": 5,
        "registered": 4,
    }
    assert len(bronx.entered(FactKind.REGISTERED)) == 15_074 - 166


def test_bronx_extensions_in_time_count_and_others_are_refused_by_name(bronx: Collected) -> None:
    assert len(bronx.entered(FactKind.EXTENDED)) == 2_510
    assert bronx.noted() == {"not_from_this_state": 879, "extension_after_expiry": 37}


def test_bronx_closures_are_told_on_time_or_late(bronx: Collected) -> None:
    closed = bronx.entered(FactKind.CLOSED)
    assert len(closed) == 682
    assert sum(accepted <= due for accepted, due, _ in closed) == 120


def test_every_row_of_shenzhen_is_taken_or_refused_by_rule(shenzhen: Collected) -> None:
    first = shenzhen.first
    assert (first.received, first.taken, first.refused, first.known) == (12_000, 11_050, 950, 0)
    assert first.refused_by == {"R001": 89, "T001": 446, "T002": 260, "T004": 423}
    assert shenzhen.standing() == {"registered": 11_050}


def test_both_ledgers_pass_the_audit(bronx: Collected, shenzhen: Collected) -> None:
    assert audit(bronx.county).findings == []
    assert audit(shenzhen.county).findings == []
