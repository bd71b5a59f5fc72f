"""Thirty bodies, each false in a way that somebody might make them: all refused, the cell named.

That any single figure changed by one is refused is `test_gate.py`; here are the changes that keep
more than one figure in step, as a hand that tampers or an error in a program would.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from rules.gate import check
from tests.rules.bodies import SECTORS, TOWNS, recount, valid_body

BODY: Any = valid_body()
ITEMS = recount(BODY)
SPAN = next(scope for scope in BODY["total"]["counts"] if scope != "campaign")
CAMPAIGN = "campaign"
Change = Callable[[Any], None]
TOWN, SECTOR = f"towns.{TOWNS[0]}", f"sectors.{SECTORS[0]}"


def counts(unit: Any, scope: str = SPAN, split: str = "all") -> dict[str, int]:
    found: dict[str, int] = unit["counts"][scope][split]
    return found


def add(where: Callable[[Any], Any], measure: str, by: int, scope: str = SPAN) -> Change:
    """A count of one unit, in `all` and in the split below it, so that the splits still add up."""

    def change(body: Any) -> None:
        for split in ("all", "supervision"):
            counts(where(body), scope, split)[measure] += by

    return change


def swap(where: Callable[[Any], Any], one: str, other: str, scope: str = SPAN) -> Change:
    """Two measures of a unit in each other's place, in every split."""

    def change(body: Any) -> None:
        for split in ("all", "self_check", "supervision"):
            own = counts(where(body), scope, split)
            own[one], own[other] = own[other], own[one]

    return change


def town(body: Any) -> Any:
    return body["towns"][0]


def sector(body: Any) -> Any:
    return body["sectors"][0]


def total(body: Any) -> Any:
    return body["total"]


def rates(unit: Any, scope: str = SPAN) -> dict[str, Any]:
    found: dict[str, Any] = unit["rates"][scope]["all"]
    return found


def printed(where: Callable[[Any], Any], name: str, value: str, scope: str = SPAN) -> Change:
    return lambda body: rates(where(body), scope)[name].update(value=value)


def taken_from(where: Callable[[Any], Any], name: str, other: str) -> Change:
    """A rate that is printed with the parts and the value of another."""
    return lambda body: rates(where(body))[name].update(rates(where(body))[other])


def both(*changes: Change) -> Change:
    def change(body: Any) -> None:
        for one in changes:
            one(body)

    return change


def columns(one: str, other: str) -> Change:
    """Two measures in each other's place in the whole body: totals, towns and sectors agree."""

    def change(body: Any) -> None:
        for unit in (body["total"], *body["towns"], *body["sectors"]):
            swap(lambda _, u=unit: u, one, other)(body)

    return change


def rate_columns(one: str, other: str) -> Change:
    def change(body: Any) -> None:
        for unit in (body["total"], *body["towns"]):
            own = rates(unit)
            own[one], own[other] = own[other], own[one]

    return change


def without_town(body: Any) -> None:
    del body["towns"][1]


def doubled_town(body: Any) -> None:
    body["towns"].append(copy.deepcopy(body["towns"][0]))


def exchanged_towns(body: Any) -> None:
    """The figures of two towns under each other's name."""
    one, other = body["towns"][:2]
    for key in ("counts", "rates", "points", "deductions", "score", "rank", "small_sample"):
        one[key], other[key] = other[key], one[key]


def averaged(body: Any) -> None:
    """The total's rate as the mean of its towns' rates."""
    values = [float(rates(u, CAMPAIGN)["rectification"]["value"]) for u in body["towns"]]
    rates(body["total"], CAMPAIGN)["rectification"]["value"] = f"{sum(values) / len(values):.2f}"


def everywhere(measure: str, by: int) -> Change:
    """In a town, a sector and the total at once: every sum agrees."""
    return both(*(add(where, measure, by) for where in (town, sector, total)))


def no_denominator(body: Any) -> None:
    for split in ("all", "self_check", "supervision"):
        counts(town(body), SPAN, split)["due"] = 0
    rates(town(body))["on_time"].update(denominator=0, value="100.00")


def swapped_ranks(body: Any) -> None:
    one, other = body["towns"][:2]
    one["rank"], other["rank"] = other["rank"], one["rank"]


def better_score(body: Any) -> None:
    town(body)["score"] = "99.99"


FORGED: dict[str, tuple[Change, str, str]] = {
    "a total one too high": (add(total, "found", 1), f"total.{SPAN}.all.found", "sum_of_towns"),
    "a total one too low": (add(total, "closed", -1), f"total.{SPAN}.all.closed", "sum_of_towns"),
    "a total of the campaign": (
        add(total, "due", 1, CAMPAIGN),
        "total.campaign.all.due",
        "sum_of_towns",
    ),
    "a town one too high": (add(town, "verified", 1), f"total.{SPAN}.all.verified", "sum_of_towns"),
    "a sector one too low": (
        add(sector, "acceptances", -1),
        f"total.{SPAN}.all.acceptances",
        "sum_of_sectors",
    ),
    "a split": (
        lambda b: counts(town(b), SPAN, "self_check").update(found=99),
        f"{TOWN}.{SPAN}.all.found",
        "sum_of_splits",
    ),
    "a town's balance": (add(town, "closed", 1), f"{TOWN}.{SPAN}.all.closing", "balance"),
    "the closing hidden": (add(town, "closing", -1), f"{TOWN}.{SPAN}.all.closing", "balance"),
    "a rejection that hides one open": (
        both(everywhere("rejected", 1), everywhere("closing", -1)),
        f"{TOWN}.{SPAN}.all.rejected",
        "recount",
    ),
    "an opening moved with the closing": (
        both(everywhere("opening", 1), everywhere("closing", 1)),
        f"{TOWN}.{SPAN}.all.opening",
        "recount",
    ),
    "a rate one hundredth too high": (
        printed(town, "rectification", "99.99"),
        f"{TOWN}.{SPAN}.all.rectification",
        "rate_value",
    ),
    "a rate from wrong parts": (
        taken_from(town, "on_time", "rework"),
        f"{TOWN}.{SPAN}.all.on_time",
        "rate_parts",
    ),
    "a total rate from wrong parts": (
        taken_from(total, "dispatch", "five_elements"),
        f"total.{SPAN}.all.dispatch",
        "rate_parts",
    ),
    "a sector's rate from wrong parts": (
        taken_from(sector, "rectification", "five_elements"),
        f"{SECTOR}.{SPAN}.all.rectification",
        "rate_parts",
    ),
    "a rate outside its parts": (
        printed(total, "rectification", "100.01", CAMPAIGN),
        "total.campaign.all.rectification",
        "rate_range",
    ),
    "a rate below its parts": (
        printed(total, "on_time", "-0.01"),
        f"total.{SPAN}.all.on_time",
        "rate_range",
    ),
    "a mean in place of a rate": (averaged, "total.campaign.all.rectification", "rate_value"),
    "a rate of nothing": (no_denominator, f"{TOWN}.{SPAN}.all.on_time", "rate_value"),
    "columns swapped": (
        columns("found", "closed"),
        f"{TOWN}.{SPAN}.all.found",
        "recount",
    ),
    "due and on time swapped": (
        columns("due", "on_time"),
        f"{TOWN}.{SPAN}.all.on_time",
        "part_exceeds_whole",
    ),
    "columns of a town swapped": (
        swap(town, "acceptances", "reworked"),
        f"{TOWN}.{SPAN}.all.reworked",
        "part_exceeds_whole",
    ),
    "rates swapped": (
        rate_columns("on_time", "dispatch"),
        f"{TOWN}.{SPAN}.all.on_time",
        "rate_parts",
    ),
    "closed more than found": (
        lambda b: counts(town(b)).update(found_closed=counts(town(b))["found"] + 1),
        f"{TOWN}.{SPAN}.all.found_closed",
        "part_exceeds_whole",
    ),
    "closed more than found, everywhere": (
        everywhere("found_closed", 1_000),
        f"total.{SPAN}.all.found_closed",
        "part_exceeds_whole",
    ),
    "more overdue than open": (
        lambda b: counts(sector(b)).update(overdue=counts(sector(b))["closing"] + 1),
        f"{SECTOR}.{SPAN}.all.overdue",
        "part_exceeds_whole",
    ),
    "one overdue less": (everywhere("overdue", -1), f"{TOWN}.campaign.all.overdue", "end_differs"),
    "a town missing in the totals": (without_town, f"total.{SPAN}.all.found", "sum_of_towns"),
    "a town named twice": (doubled_town, TOWN, "named_twice"),
    "two towns' figures exchanged": (exchanged_towns, f"{TOWN}.{SPAN}.all.closed", "recount"),
    "moved out and never in": (
        add(total, "moved_in", -1),
        f"total.{SPAN}.all.moved_in",
        "moves_unpaired",
    ),
    "a score": (better_score, f"{TOWN}.score", "score"),
    "ranks exchanged": (swapped_ranks, f"{TOWN}.rank", "rank"),
    "below zero": (
        lambda b: counts(sector(b)).update(merged=-1),
        f"{SECTOR}.{SPAN}.all.merged",
        "negative",
    ),
}


def test_there_are_thirty() -> None:
    assert len(FORGED) >= 30
    assert check(BODY, ITEMS) == []


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_body_is_refused_and_its_cell_named(name: str) -> None:
    change, cell, reason = FORGED[name]
    forged = copy.deepcopy(BODY)
    change(forged)
    assert (cell, reason) in {(r.cell, r.reason) for r in check(forged, ITEMS)}
