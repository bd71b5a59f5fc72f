"""Every hostile case ends as it must, through the real path, and harms nobody beside it."""

from pathlib import Path
from typing import Any

import pytest

from tasks.intake.collect import SourceReport
from tests.hostile.corpus import CASES, ROWS, Case, RowCase
from tests.hostile.county import Seen
from tests.hostile.running import Stage, staged

MEGABYTES, SECONDS = 512, 30


def param(case: Case | RowCase, *more: Any) -> Any:
    return pytest.param(case, *more, id=case.claim)


def params(dangerous: bool) -> list[Any]:
    return [param(case) for case in CASES if case.dangerous == dangerous]


@pytest.mark.parametrize("case", [c for c in params(dangerous=False) if c.values[0].refused])
def test_refused(case: Case, stage: Stage) -> None:
    case.judge(stage.run(case))


def test_what_is_refused_harms_no_source_beside_it(stage: Stage) -> None:
    stage.run(next(c for c in CASES if c.refused and not c.dangerous))
    stage.judge_quiet()  # after all that was refused above


@pytest.mark.parametrize("case", [c for c in params(dangerous=False) if not c.values[0].refused])
def test_taken(case: Case, tmp_path: Path, migrated_file: Path) -> None:
    with staged(tmp_path, migrated_file) as fresh:
        case.judge(fresh.run(case))


@pytest.mark.timeout(600)  # the first one waits for all, on a machine that may be busy
@pytest.mark.parametrize("case", params(dangerous=True))
def test_dangerous(case: Case, dangerous: dict[str, dict[str, Any]]) -> None:
    seen = dangerous[case.claim]
    assert seen["wrong"] == ""
    assert seen["peak_mb"] <= MEGABYTES, seen
    assert seen["seconds"] <= SECONDS, seen


@pytest.mark.parametrize(("case", "number"), [param(c, n) for n, c in enumerate(ROWS)])
def test_row(case: RowCase, number: int, rows: tuple[Seen, SourceReport]) -> None:
    case.judge(rows[0], number)


def test_rows_that_go_back_leave_all_others_and_other_sources_alone(
    rows: tuple[Seen, SourceReport],
) -> None:
    report, quiet = rows[0].report, rows[1]
    assert (report.received, report.problem) == (len(ROWS), "")
    assert report.taken == len(ROWS) - sum(bool(case.codes) for case in ROWS)
    assert (quiet.taken, quiet.problem) == (1, "")


def test_the_corpus_is_complete_and_its_claims_differ() -> None:
    claims = [case.claim for case in (*CASES, *ROWS)]
    assert len(claims) >= 100
    assert len(set(claims)) == len(claims)
