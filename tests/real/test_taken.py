"""The main job on real data, by YAML alone: collected into a ledger, folded, accounted, audited."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from schemas.vocabulary import FactKind
from tasks.auditing import audit


@pytest.fixture(scope="module")
def bronx(collected: Callable[..., Any]) -> Any:
    return collected("bronx", "hpd_bronx", "hpd_bronx/violations_2004_2024.csv.gz")


@pytest.fixture(scope="module")
def shenzhen(collected: Callable[..., Any]) -> Any:
    return collected("shenzhen", "shenzhen_selfcheck", "shenzhen_selfcheck/train.csv")


def test_every_row_of_bronx_is_taken_refused_or_known(bronx: Any) -> None:
    first = bronx.first
    assert not first.problem
    assert (first.received, first.taken, first.refused, first.known) == (15_079, 15_074, 5, 0)
    assert first.refused_by == {"R001": 5}


def test_the_same_file_again_appends_nothing(bronx: Any, shenzhen: Any) -> None:
    for each in (bronx, shenzhen):
        assert each.second.appended == 0
        assert each.second.known == each.second.received == each.first.received


def test_bronx_hazards_end_in_the_states_that_their_statuses_say(bronx: Any) -> None:
    """166 of the 15,074 findings are re-finds that identity joins to another one."""
    assert bronx.standing() == {
        "rectifying": 13_481,
        "submitted": 736,
        "closed": 682,
        "verified": 5,
        "registered": 4,
    }
    assert len(bronx.entered(FactKind.REGISTERED)) == 15_074 - 166


def test_bronx_extensions_in_time_count_and_others_are_refused_by_name(bronx: Any) -> None:
    assert len(bronx.entered(FactKind.EXTENDED)) == 2_510
    reasons: Counter[str] = Counter()
    for (_, reason), facts in bronx.noted().items():
        reasons[reason] += facts
    assert reasons == {"not_from_this_state": 879, "extension_after_expiry": 37}


def test_bronx_closures_are_told_on_time_or_late(bronx: Any) -> None:
    closed = bronx.entered(FactKind.CLOSED)
    assert len(closed) == 682
    assert int((closed["accepted_at"] <= closed["due_at"]).sum()) == 120


def test_every_row_of_shenzhen_is_taken_or_refused_by_rule(shenzhen: Any) -> None:
    first = shenzhen.first
    assert (first.received, first.taken, first.refused, first.known) == (12_000, 11_050, 950, 0)
    assert first.refused_by == {"R001": 89, "T001": 446, "T002": 260, "T004": 423}
    assert shenzhen.standing() == {"registered": 11_050}


def test_both_ledgers_pass_the_audit(bronx: Any, shenzhen: Any) -> None:
    assert audit(bronx.county).findings == []
    assert audit(shenzhen.county).findings == []
