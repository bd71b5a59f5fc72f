"""The gate follows the annex by a path of its own: any figure of it that is changed is refused."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from rules.annex import annex
from rules.gate import check
from schemas.edition import Body
from tests.rules.bodies import SCORING, recount, valid_body

EARLIER = [valid_body(seed) for seed in (11, 12, 13)]


def annexed(seed: int = 1, earlier: list[Body] = EARLIER) -> Body:
    body = valid_body(seed)
    body["annex"] = annex(body, earlier, SCORING)
    return body


def refused(body: Body, earlier: list[Body] | None = EARLIER) -> list[str]:
    found = check(body, recount(body), None, earlier)
    return [r.cell for r in found if r.cell.startswith("annex")]


@pytest.mark.parametrize("seed", range(1, 13))
def test_a_true_annex_passes(seed: int) -> None:
    body = annexed(seed)
    assert refused(body) == []
    assert refused(body, None) == [], "a table from outside comes without its earlier editions"


def test_a_body_without_an_annex_passes_as_before() -> None:
    assert refused(valid_body()) == []


def _figures(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _figures(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _figures(inner, (*path, i))
    elif path[-1] not in ("z", "code"):
        yield path


def _changed(value: Any) -> Any:
    """The least change of what is printed."""
    if value is None:
        return 1
    if isinstance(value, int):
        return value + 1
    if value == "/":
        return "0.0"
    whole, _, tail = value.partition(".")
    digits = str(int(whole + tail) + 1).rjust(len(tail) + 1, "0")
    return f"{digits[: -len(tail)]}.{digits[-len(tail) :]}"


def test_every_figure_of_the_annex_changed_by_the_least_is_refused() -> None:
    true = annexed()
    rows = {kind: true["annex"][kind] for kind in ("towns", "sectors")}  # type: ignore[literal-required]
    paths = list(_figures(rows))
    assert len(paths) > 100
    passed = []
    for path in paths:
        body = deepcopy(true)
        at: Any = body["annex"]
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = _changed(at[path[-1]])
        if not refused(body):
            passed.append(path)
    assert passed == []


def test_a_unit_or_a_band_that_is_missing_is_refused() -> None:
    body = annexed()
    body["annex"]["towns"].pop()
    assert refused(body) == ["annex.towns"]
    body = annexed()
    del body["annex"]["towns"][0]["bands"]["period.on_time"]
    assert len(refused(body)) == 1


def test_a_band_that_sums_a_week_twice_or_averages_is_refused() -> None:
    twice = annexed(1, [*EARLIER, EARLIER[-1]])
    assert "annex.towns.330282002.period.on_time" in refused(twice)


def test_what_is_no_flow_of_its_week_is_never_summed() -> None:
    bands = annexed()["annex"]["towns"][0]["bands"]
    assert bands["period.on_time"]["periods"] == 4
    assert bands["campaign.rectification"]["periods"] == 1
    assert bands["campaign.coverage"]["periods"] == 1
    sectors = annexed()["annex"]["sectors"][0]["bands"]
    assert sectors["period.five_elements"]["periods"] == 1
