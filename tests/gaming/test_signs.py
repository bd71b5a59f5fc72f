"""Each sign of gaming from the ledger: what it counts, of what, and what it does not."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rules.periods import week
from rules.seal import canonical
from schemas.edition_annex import Watch, Watched
from schemas.period import DAY_MS, HOUR_MS
from schemas.policy_watch import WatchMeasure, WatchRule
from schemas.vocabulary import EditionKind
from tasks.linking import link
from tasks.publication.body import build
from tasks.store.engine import reading
from tasks.store.ledger import read_head
from tests.gaming.scripts import NEXT, SUNDAY, TOLD, Delivery, body, later, play, rectified, then
from tests.gaming.test_gaming import ALIKE
from tests.store.tiny import MONDAY, TOWN, Tiny, day, finding, hazard, life, update

WORKS = {"organisation": "虚构五金厂S1"}


def _extended(name: str, at: int) -> dict[str, str]:
    fields = {"reason": "配件未到", "second_person": "副主任孙虚构", "interim_control": "专人值守"}
    return update(name, "extended", at, due_date=day(at + 30 * DAY_MS), **fields)


def _week() -> list[Delivery]:
    """Of most signs one hazard that shows it and one that does not."""
    burst = [f"D{i}" for i in range(4)]  # found and closed on one day, evidence told at once
    script = [Delivery(MONDAY + 12 * HOUR_MS, [finding(n) for n in burst],
                       [u for n in burst for u in life(n, MONDAY)])]  # fmt: skip
    script += [*rectified("R1"), *rectified("R2")]
    script += _extensions() + _self_accepted() + _told_late()
    return script


def _extensions() -> list[Delivery]:
    due = MONDAY + 5 * DAY_MS
    told = [u for n in ("E1", "E2") for u in life(n, MONDAY, to="started", due=due)]
    granted = [_extended("E1", due), _extended("E2", MONDAY + DAY_MS)]  # a day before; five days
    found = [finding("E1"), finding("E2")]
    return [Delivery(MONDAY + 12 * HOUR_MS, found, told), *then(due + HOUR_MS, *granted)]


def _self_accepted() -> list[Delivery]:
    found = finding("S1", channel="self_check")
    told = list(life("S1", MONDAY))
    told[-2] |= WORKS | {"person": "安全员李虚构"}
    told[-3] |= {"person": "班长周虚构"}
    return [Delivery(MONDAY + 12 * HOUR_MS, [found], told)]


def _told_late() -> list[Delivery]:
    """Closed on Tuesday as told ten days later, with the evidence."""
    told = list(life("B1", MONDAY))
    moved = [later(u, DAY_MS) for u in told[3:]]
    first = Delivery(MONDAY + 12 * HOUR_MS, [finding("B1")], told[:3])
    return [first, *then(MONDAY + 11 * DAY_MS, *moved)]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    return play(tmp_path_factory.mktemp("signs") / "h", migrated_file, _week())


@pytest.fixture(scope="module")
def watch(county: Tiny) -> Watch:
    return body(county.county)["watch"]


def of(watch: Watch, measure: str) -> Watched:
    return next(w for w in watch["measures"] if (w["unit"], w["measure"]) == (TOWN, measure))


@pytest.mark.parametrize(
    ("measure", "count", "base", "items"),
    [
        ("same_day", 5, 8, "findings:D0, findings:D1, findings:D2, findings:D3, findings:S1"),
        ("late_extensions", 1, 2, "findings:E1"),
        ("self_accepted", 1, 8, "findings:S1"),
        ("unproven", 1, 8, "findings:B1"),
        ("backdated", 1, 8, "findings:B1"),
        ("splitting", 0, 10, None),
        ("crowded", 0, 10, None),
        ("outside", 0, 10, None),
        ("avoided", 0, 8, None),
    ],
)
def test_what_a_sign_counts_and_of_what(
    watch: Watch, measure: str, count: int, base: int, items: str | None
) -> None:
    row = of(watch, measure)
    assert (row["count"], row["base"]) == (count, base)
    assert row["ingredients"].get("items") == items


def test_what_is_told_long_after_shows_in_the_week_that_it_was_told_in(county: Tiny) -> None:
    row = of(body(county.county, NEXT)["watch"], "told_late")
    assert (row["count"], row["base"], row["ingredients"]["items"]) == (1, 1, "findings:B1")


def test_a_flag_names_measure_unit_value_threshold_and_ingredients(county: Tiny) -> None:
    policy = county.county.policy
    assert policy.watch is not None
    rule = WatchRule(of=WatchMeasure.SAME_DAY, at_least=5, percent=Decimal(50))
    sharp = policy.watch.model_copy(update={"rules": (rule,)})
    at = replace(county.county, policy=policy.model_copy(update={"watch": sharp}))
    (flag,) = body(at)["watch"]["flags"]
    assert (flag["unit"], flag["measure"]) == (TOWN, "same_day")
    assert (flag["value"], flag["threshold"]) == ("5 (62.50%)", "≥ 5, ≥ 50.00%")
    assert flag["ingredients"]["base"] == "8" and "findings:D0" in flag["ingredients"]["items"]


def test_closed_hazards_are_drawn_for_every_town_from_the_head_at_the_cut_off(
    county: Tiny, watch: Watch
) -> None:
    closed = {f"findings:{n}" for n in ("D0", "D1", "D2", "D3", "R1", "R2", "S1", "B1")}
    assert set(watch["drawn"][TOWN]) == closed  # so few that nearly all are drawn
    cut_off = MONDAY + 7 * DAY_MS + 8 * HOUR_MS
    (last,) = county.query(
        f"SELECT hash FROM ledger_slice WHERE received_at <= {cut_off}"
        " ORDER BY last_seq DESC LIMIT 1"
    )
    assert watch["drawn_from"] == last[0]


def changed(county: Tiny, **policy: Any) -> Tiny:
    return Tiny(replace(county.county, policy=county.county.policy.model_copy(update=policy)))


def test_a_public_edition_an_unwatched_kind_and_a_policy_without_the_section_have_none(
    county: Tiny,
) -> None:
    policy = county.county.policy
    assert policy.watch is not None
    public = policy.bulletin.model_copy(update={"audience": "public"})
    monthly = policy.watch.model_copy(update={"kinds": (EditionKind.MONTHLY,)})
    for other in ({"bulletin": public}, {"watch": monthly}, {"watch": None}):
        assert "watch" not in body(changed(county, **other).county)


def test_what_comes_later_changes_nothing_of_an_edition_made_again(
    county: Tiny, tmp_path: Path
) -> None:
    other = county.copied(tmp_path / "other")
    with reading(other.county.engine) as connection:
        seq = read_head(connection, other.county.code).seq
    before = canonical(body(other.county))
    # A revision says R1 is of R2's place and reads alike; the two are then declared to be one.
    again = finding("R1", place_id="P-R2", description=ALIKE[1], sent_at="2025-03-20T00:00:00Z")
    other.drop("findings", again)
    other.collect("findings", SUNDAY + 20 * DAY_MS)
    told = {"reason": "现场看过", "actor": "李虚构", "now": SUNDAY + 21 * DAY_MS}
    link(other.county, hazard("R2"), hazard("D0"), same=True, **told)  # type: ignore[arg-type]
    other.bring(SUNDAY + 22 * DAY_MS, [finding("N1")], list(life("N1", MONDAY)))
    with reading(other.county.engine) as connection:
        period = week("2025-W10", other.county.zone)
        remade = build(connection, other.county, period, seq, {})
    assert canonical(remade) == before
    assert canonical(body(other.county)) != before
    assert TOLD
