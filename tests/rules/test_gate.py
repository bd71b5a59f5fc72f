import copy
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.gate import check
from rules.gate_refusal import REASONS
from rules.gate_standing import printed_rate
from rules.scoring import rate
from schemas.edition import Body
from tests.rules.bodies import SCORING, recount, valid_body

BODY = valid_body()
ITEMS = recount(BODY)
Path = tuple[Any, ...]


@pytest.mark.parametrize("seed", range(20))
def test_a_true_body_passes(seed: int) -> None:
    body = valid_body(seed)
    assert check(body, recount(body), last=_nobody_ranked(body)) == []


def test_a_body_without_shown_ranks_passes() -> None:
    body = valid_body(1, SCORING.model_copy(update={"show_ranks": False}))
    assert check(body, recount(body)) == []
    assert {u["unranked_because"] for u in body["towns"]} == {"hidden"}


def _nobody_ranked(body: Body) -> Body:
    last = copy.deepcopy(body)
    for unit in (*last["towns"], *last["sectors"]):
        unit["rank"] = None
    return last


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))
    else:
        yield path, value


def _figures(body: Body) -> list[tuple[Path, Any]]:
    """Every number that is printed of units and in the matrix of listed hazards.

    One town and one sector stand for the others, which the random changes below reach too.
    """
    parts: list[Path] = [("total",), ("towns", 1), ("sectors", 0)]
    parts += [("listed_matrix",), ("policy", "scoring")]
    leaves = [(p + path, v) for p in parts for path, v in _leaves(_at(body, p))]
    return [(path, v) for path, v in leaves if _mutable(path, v)]


# Neither a cap nor a threshold out of everybody's reach changes a figure, and it is no figure.
_NO_FIGURE = ("cap", "small_sample_below")


def _mutable(path: Path, value: Any) -> bool:
    if path[-1] in _NO_FIGURE or (path[0] == "total" and path[-1] == "small_sample"):
        return False
    return isinstance(value, bool | int) or _is_number(value) or path[-1] == "last_rank"


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and "." in value and value.replace(".", "").isdigit()


def _at(body: Any, path: Path) -> Any:
    for key in path:
        body = body[key]
    return body


def _mutated(body: Body, path: Path, change: Callable[[Any], Any]) -> Body:
    changed = copy.deepcopy(body)
    holder = _at(changed, path[:-1])
    holder[path[-1]] = change(holder[path[-1]])
    return changed


def _by(step: int) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if isinstance(value, bool):
            return not value
        if isinstance(value, str):
            return str(Decimal(value) + Decimal(step) / 100)
        return (value or 0) + step

    return change


@pytest.mark.parametrize("step", [1, pytest.param(-1, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("part", ["total", "towns", "sectors", "listed_matrix", "policy"])
def test_every_figure_changed_by_one_is_refused(part: str, step: int) -> None:
    last, body = _nobody_ranked(BODY), copy.deepcopy(BODY)
    figures = [path for path, _ in _figures(BODY) if path[0] == part]
    assert figures
    assert [path for path in figures if not _refused(body, path, step, last)] == []
    assert body == BODY


def _refused(body: Body, path: Path, step: int, last: Body) -> bool:
    """In place and undone afterwards: copying would take longer than checking."""
    holder, true = _at(body, path[:-1]), _at(body, path)
    holder[path[-1]] = _by(step)(true)
    try:
        return bool(check(body, ITEMS, last=last))
    finally:
        holder[path[-1]] = true


@given(st.data())
def test_every_figure_of_any_body_changed_by_any_amount_is_refused(data: st.DataObject) -> None:
    body = valid_body(data.draw(st.integers(0, 10**6)))
    unit = data.draw(
        st.sampled_from([("total",), *(("towns", n) for n in range(3)), ("sectors", 1)])
    )
    counts = [(*unit, "counts", *path) for path, _ in _leaves(_at(body, (*unit, "counts")))]
    path = data.draw(st.sampled_from(counts))
    step = data.draw(st.integers(-50, 50).filter(bool))
    assert check(_mutated(body, path, _by(step)), recount(body))


@given(st.data())
def test_a_figure_changed_everywhere_in_the_body_is_refused_by_the_recount(
    data: st.DataObject,
) -> None:
    """One more found and one more closed, consistently in every unit: only the ledger knows."""
    body, town = valid_body(), data.draw(st.integers(0, 2))
    forged = copy.deepcopy(body)
    for unit in (forged["total"], forged["towns"][town], forged["sectors"][0]):
        for scope in ("period", "campaign", "year"):
            for split in ("all", "supervision"):
                unit["counts"][scope][split]["rejected"] += 1  # type: ignore[index]
                unit["counts"][scope][split]["reopened"] += 1  # type: ignore[index]
    assert "recount" in {r.reason for r in check(forged, recount(body))}


def test_a_unit_that_the_recount_does_not_know_counts_as_zeros() -> None:
    items = {k: v for k, v in ITEMS.items() if k[:2] != ("towns", "330282002")}
    cells = {r.cell for r in check(BODY, items)}
    assert "towns.330282002.period.all.closing" in cells
    extra = ITEMS | {("towns", "330282999", "all"): {"closing": 1}}
    assert [r.cell for r in check(BODY, extra)] == ["towns.330282999.period.all.closing"]


def test_the_refusal_names_the_cell_and_both_figures() -> None:
    path = ("towns", 0, "counts", "period", "self_check", "closed")
    forged = _mutated(BODY, path, _by(1))
    refusals = check(forged, ITEMS)
    balance = next(r for r in refusals if r.reason == "balance")
    closing = BODY["towns"][0]["counts"]["period"]["self_check"]["closing"]
    assert balance.cell == "towns.330282002.period.self_check.closing"
    assert (balance.expected, balance.found) == (str(closing - 1), str(closing))
    assert balance.cell in str(balance) and REASONS["balance"] in str(balance)


def test_a_week_opens_with_what_stood_open_when_it_began() -> None:
    """In every split, and where opening and closing are wrong by the same, so that all balances."""
    forged = copy.deepcopy(BODY)
    for unit in (forged["total"], forged["towns"][1], forged["sectors"][0]):
        for split in ("all", "self_check"):
            unit["counts"]["period"][split]["opening"] += 1  # type: ignore[index]
    refused = {(r.cell, r.reason) for r in check(forged, ITEMS)}
    assert ("towns.330282003.period.self_check.opening", "recount") in refused


def test_more_closed_than_found_in_a_week_is_no_error() -> None:
    bodies = (valid_body(seed) for seed in range(30))
    weeks = [(b, b["total"]["counts"]["period"]["self_check"]) for b in bodies]
    assert any(counts["closed"] > counts["found"] for _, counts in weeks)
    assert all(check(b, recount(b)) == [] for b, _ in weeks)


def test_more_of_the_found_closed_than_found_is_an_error() -> None:
    path = ("sectors", 0, "counts", "period", "supervision", "found_closed")
    refused = check(_mutated(BODY, path, _by(1000)), ITEMS)
    assert "part_exceeds_whole" in {r.reason for r in refused}


def test_a_missing_figure_a_missing_rate_and_a_unit_named_twice_are_refused() -> None:
    bare, rateless, twice = (copy.deepcopy(BODY) for _ in range(3))
    del bare["sectors"][1]["counts"]["campaign"]["self_check"]["merged"]
    del rateless["towns"][0]["rates"]["period"]["all"]["coverage"]
    twice["towns"].append(twice["towns"][0])
    assert [r.cell for r in check(bare, ITEMS)] == ["sectors.industry.campaign.self_check.merged"]
    assert [r.reason for r in check(rateless, ITEMS)] == ["missing_figure"]
    assert [r.reason for r in check(twice, ITEMS)] == ["named_twice"]


def test_a_rate_that_is_no_number_is_refused_and_does_not_stop_the_gate() -> None:
    path = ("total", "rates", "period", "all", "on_time", "value")
    for word in ("", "NaN", "1e3", "/", "九十"):
        refused = check(_mutated(BODY, path, lambda _, w=word: w), ITEMS)
        assert "rate_value" in {r.reason for r in refused}, word


def test_a_rate_without_a_known_formula_is_refused() -> None:
    forged = copy.deepcopy(BODY)
    forged["sectors"][0]["rates"]["period"]["all"]["happiness"] = rate(1, 2)
    assert [r.reason for r in check(forged, ITEMS)] == ["unknown_rate"]


def test_a_body_that_hides_its_formula_is_refused() -> None:
    forged = copy.deepcopy(BODY)
    forged["policy"] = {"version": "1"}
    assert [r.reason for r in check(forged, ITEMS)] == ["no_formula"]


def test_a_listed_item_left_out_of_the_list_or_the_matrix_is_refused() -> None:
    forged = copy.deepcopy(BODY)
    forged["listed"].pop()
    assert [r.cell for r in check(forged, ITEMS)] == ["listed_matrix.fire.city"]


def test_a_late_reporter_who_is_not_named_is_refused() -> None:
    forged = copy.deepcopy(BODY)
    forged["missing"] = []
    assert [r.reason for r in check(forged, ITEMS)] == ["unreported"]


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_both_paths_print_the_same_rate(numerator: int, denominator: int) -> None:
    assert printed_rate(numerator, denominator) == rate(numerator, denominator)["value"]
