"""Lists show what stands, the most urgent first; the clock takes nothing off them."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.period import DAY_MS, HOUR_MS
from schemas.vocabulary import State
from tasks.county import County
from tasks.entering import prepare
from tasks.hazard_lists import Request, UnknownUnit, completeness, listed
from tasks.store import bulk
from tasks.store.engine import open_engine, reading, writing
from tasks.store.schema import upgrade
from tests.hazard.conftest import NOW, enter
from tests.hazard.test_show import shown
from tests.store.tiny import MONDAY, OTHER_TOWN, TOWN, Tiny, day, finding, hazard, life, update

ALL = Request(state="all")
OPEN = ("registered", "verified", "assigned", "rectifying", "submitted")


def found(tiny: Tiny, asked: Request, now: int = NOW, limit: int = 0) -> list[dict[str, Any]]:
    return list(listed(tiny.county, asked, now, limit)["items"])


def numbers(items: list[dict[str, Any]]) -> list[str]:
    return [item["number"].removeprefix("findings:") for item in items]


def test_all_lists_every_hazard_once_as_its_file_shows_it(told_once: Tiny) -> None:
    items = found(told_once, ALL)
    assert sorted(numbers(items)) == ["A1", "B1", "C1", "D1", "E1", "G1", "H1"]
    for item in items:
        file = shown(told_once, item["number"].removeprefix("findings:"))
        same = ("state", "severity", "town_code", "listed_level", "found_at", "closed_at", "marks")
        assert {k: item[k] for k in same} == {k: file[k] for k in same}
        assert item["due_on"] == file["clocks"]["due_on"]
        assert item["is_overdue"] == file["clocks"]["is_overdue"]
        if item["state"] in OPEN:
            assert item["missing"] == file["elements"]["missing"]


@pytest.mark.parametrize(
    ("asked", "keeps"),
    [
        (Request(), lambda i: i["state"] in OPEN),
        (Request(state="closed"), lambda i: i["state"] == "closed"),
        (replace(ALL, town=OTHER_TOWN), lambda i: i["town_code"] == OTHER_TOWN),
        (replace(ALL, town="附海"), lambda i: i["town_code"] == OTHER_TOWN),
        (replace(ALL, sector="消防"), lambda i: i["sector_code"] == "fire"),
        (replace(ALL, severity="major"), lambda i: i["severity"] == "major"),
        (replace(ALL, overdue=True), lambda i: i["is_overdue"]),
        (replace(ALL, listed=True), lambda i: i["listed_level"] != "none"),
        (replace(ALL, missing="measures"), lambda i: "measures" in i["missing"]),
        (replace(ALL, missing="plan"), lambda i: "plan" in i["missing"]),
        (replace(ALL, unit="=虚构="), lambda i: "=虚构=" in i["unit_name"]),
        (replace(ALL, unit="%"), lambda i: "%" in i["unit_name"]),
        (
            replace(ALL, found_from=date(2025, 3, 4), found_to=date(2025, 3, 5)),
            lambda i: "2025-03-04" <= i["found_at"][:10] <= "2025-03-05",
        ),
        (Request(town=TOWN, overdue=True), lambda i: i["is_overdue"] and i["town_code"] == TOWN),
    ],
)
def test_a_filter_keeps_what_it_names_and_nothing_else(
    told_once: Tiny, asked: Request, keeps: Any
) -> None:
    everything = found(told_once, ALL)
    assert sorted(numbers(found(told_once, asked))) == sorted(
        numbers([item for item in everything if keeps(item)])
    )


def test_what_is_overdue_and_grave_comes_first_and_what_is_closed_last(told_once: Tiny) -> None:
    order = numbers(found(told_once, ALL))
    assert order[0] == "B1"  # major and overdue
    assert set(order[1:3]) == {"C1", "E1"}  # overdue since the 8th and the 15th
    assert order.index("C1") < order.index("E1") < order.index("D1") < order.index("G1")
    assert order[-1] == "A1"


def test_the_limit_shows_the_most_urgent_and_says_how_many_there_are(told_once: Tiny) -> None:
    two = listed(told_once.county, ALL, NOW, 2)
    assert (two["total"], two["shown"]) == (7, 2)
    assert numbers(two["items"]) == numbers(found(told_once, ALL))[:2]
    none = listed(told_once.county, Request(state="merged"), NOW, 2)
    assert (none["total"], none["items"]) == (0, [])


def test_an_unknown_town_is_refused_with_those_there_are(told_once: Tiny) -> None:
    with pytest.raises(UnknownUnit, match=TOWN):
        found(told_once, Request(town="无此镇"))
    with pytest.raises(UnknownUnit, match="fire"):
        found(told_once, Request(sector="fires"))


# -- an overdue item never leaves the open list ----------------------------------------------------


def test_time_alone_takes_nothing_off_the_open_list(told_once: Tiny) -> None:
    open_now = set(numbers(found(told_once, Request())))
    overdue = set(numbers(found(told_once, Request(overdue=True))))
    for years in range(1, 9):
        later = NOW + years * 365 * DAY_MS
        assert set(numbers(found(told_once, Request(), later))) == open_now
        late = set(numbers(found(told_once, Request(overdue=True), later)))
        assert overdue <= late <= open_now
        overdue = late


STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("extension_asked", {}),  # after expiry: without effect
    ("suspended", {"reason": "停工待料", "second_person": "孙虚构"}),
    ("production_stopped", {"reason": "停产整改", "organisation": "虚构市应急局"}),
    ("severity_changed", {"severity": "major", "reason": "重新判定", "second_person": "孙虚构"}),
    ("listed", {"listing_number": "虚构-1", "listing_level": "county"}),
    ("moved", {"town_code": OTHER_TOWN, "second_person": "孙虚构"}),
    ("elements_filed", {"measures": "停用", "responsible_unit": "虚构五金厂K1二厂"}),
    ("interim_checked", {"organisation": "虚构市工业专委办"}),
    ("case_filed", {"organisation": "虚构市应急局"}),
    ("conflict_settled", {"reason": "已核"}),
)


def happened(tiny: Tiny, event: str, at: int, **said: Any) -> None:
    """Entered whatever the fold makes of it, as what a source tells is."""
    row = {"stream_id": hazard("K1"), "event": event, "happened_at": at, "person": "赵虚构"} | said
    prepare(tiny.county, "operator", [row], at, "赵虚构").commit()


def test_whatever_happens_to_an_overdue_item_but_its_end_it_stays_listed(tiny: Tiny) -> None:
    rows = list(life("K1", MONDAY, to="started", due=MONDAY + 3 * DAY_MS))
    tiny.bring(MONDAY + DAY_MS, [finding("K1")], rows)
    at = MONDAY + 6 * DAY_MS
    assert numbers(found(tiny, Request(overdue=True), at)) == ["K1"]
    for event, said in STEPS:
        at += HOUR_MS
        happened(tiny, event, at, **said)
        for asked in (Request(), Request(overdue=True)):
            assert numbers(found(tiny, asked, at)) == ["K1"], event
    assert found(tiny, Request(), at)[0]["overdue_days"] == 2
    at += HOUR_MS
    happened(tiny, "bounced", at, reason="不属本单位")
    assert tiny.state("K1") is State.VERIFIED  # it has no date any more, and is still open
    assert numbers(found(tiny, Request(), at)) == ["K1"]


def test_handed_in_late_it_stays_overdue_until_it_is_accepted(tiny: Tiny) -> None:
    tiny.bring(MONDAY + DAY_MS, [finding("K1")], list(life("K1", MONDAY, to="started", due=MONDAY)))
    at = MONDAY + 4 * DAY_MS
    work = {
        "finished_on": day(at),
        "work_done": "已清理",
        "funding_spent_fen": "1",
        "evidence": "photo/K1",
    }
    tiny.bring(at, [], [update("K1", "submitted", at - 1, **work)])
    assert tiny.state("K1") is State.SUBMITTED
    assert numbers(found(tiny, Request(overdue=True), at)) == ["K1"]
    accepted = update("K1", "acceptance_passed", at, person="核查员周虚构")
    tiny.bring(at + HOUR_MS, [], [accepted])
    assert numbers(found(tiny, Request(overdue=True), at + HOUR_MS)) == []
    assert numbers(found(tiny, Request(), at + HOUR_MS)) == ["K1"]  # accepted, not closed


# -- completeness ----------------------------------------------------------------------------------


def test_the_table_counts_what_the_list_of_the_missing_shows(told_once: Tiny) -> None:
    table = completeness(told_once.county, "", NOW, 0)
    items = [i for i in found(told_once, Request()) if i["missing"]]
    assert numbers(table["items"]) == numbers(items)
    assert table["total"] == len(items)
    for row in table["towns"]:
        mine = found(told_once, Request(town=row["town_code"]))
        mine = [i for i in mine if i["severity"] == row["severity"]]
        assert row["open"] == len(mine)
        assert row["complete"] == sum(not i["missing"] for i in mine)
        assert row["lacks"] == {e: sum(e in i["missing"] for i in mine) for e in row["lacks"]}
    assert sum(r["open"] for r in table["towns"]) == sum(r["open"] for r in table["sectors"]) == 6


def test_a_general_hazard_is_asked_for_three_elements_and_a_major_one_for_all(tiny: Tiny) -> None:
    tiny.bring(MONDAY + DAY_MS, [finding("K1"), finding("K2", severity="major")], [])
    general, major = sorted(completeness(tiny.county, "", NOW, 0)["towns"], key=lambda r: r["open"])
    lacks = {r["severity"]: r["lacks"] for r in (general, major)}
    assert lacks["general"] == dict.fromkeys(("responsibility", "measures", "deadline"), 1)
    assert lacks["major"] == lacks["general"] | dict.fromkeys(
        ("funding", "plan", "interim_control"), 1
    )
    one = completeness(tiny.county, OTHER_TOWN, NOW, 0)
    assert (one["towns"], one["items"]) == ([], [])


# -- both databases --------------------------------------------------------------------------------


@pytest.fixture
def on_postgres(told_once: Tiny, postgres_url: str) -> County:
    """The same county with its rows in PostgreSQL."""
    from schemas.tables import metadata

    engine = open_engine(postgres_url)
    upgrade(engine)
    with reading(told_once.county.engine) as source, writing(engine) as target:
        for table in metadata.tables.values():
            rows = [tuple(row) for row in source.execute(table.select())]
            bulk.insert(target, table, rows)
        target.commit()
    return replace(told_once.county, engine=engine)


def test_both_databases_give_the_same_answers(told_once: Tiny, on_postgres: County) -> None:
    from tasks.hazard_conflicts import conflicts
    from tasks.hazard_file import hazard_file
    from tasks.hazard_register import register

    for county_of in (
        lambda c: listed(c, ALL, NOW, 3),
        lambda c: listed(c, Request(unit="五金", missing="measures"), NOW, 0),
        lambda c: completeness(c, TOWN, NOW, 2),
        lambda c: conflicts(c, NOW),
        lambda c: register(c, everything=True),
        *(lambda c, n=n: hazard_file(c, hazard(n), NOW) for n in ("A1", "B1", "C1")),
    ):
        assert county_of(on_postgres) == county_of(told_once.county)
    on_postgres.engine.dispose()


def test_acts_by_hand_are_listed_as_any_others(told: Tiny) -> None:
    rejection = {"organisation": "虚构市工业专委办", "reason": "现场核查不属实"}
    enter(told.county, "H1", "rejected", NOW, "李虚构", **rejection)
    assert "H1" not in numbers(found(told, Request()))
    assert numbers(found(told, Request(state="rejected"))) == ["H1"]
