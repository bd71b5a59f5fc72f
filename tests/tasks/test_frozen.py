"""Frozen ranks of a quarter against a plain count over the weekly editions that were final."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from rules.gate_frozen import check_frozen
from rules.kinds import period_of
from rules.periods import cut_off
from schemas.edition import Body
from schemas.period import DAY_MS, HOUR_MS, Period
from schemas.policy import Policy
from schemas.vocabulary import EditionKind
from tasks.as_published import differences
from tasks.explaining import edition_named
from tasks.publication.making import made
from tasks.publishing import publish
from tasks.rendering import frozen
from tasks.store import ledger
from tasks.store.engine import reading
from tests.store.tiny import OTHER_TOWN, TOWN, Tiny, finding, life

ZONE = "Asia/Shanghai"
Q1 = period_of(EditionKind.QUARTER, "2025-Q1", ZONE)
TOWNS = (TOWN, OTHER_TOWN)


def week(n: int) -> Period:
    return period_of(EditionKind.WEEKLY, f"2025-W{n}", ZONE)


class Quarter:
    """Three weeks whose ranks differ; the first is revised before its ranks are final."""

    def __init__(self, tiny: Tiny) -> None:
        self.tiny = tiny
        for n in (10, 11, 12):
            start = week(n).start
            for town, name in zip(TOWNS, ("A", "B"), strict=True):
                tiny.drop("findings", finding(f"{name}{n}", start, town_code=town))
                done = "started" if (n == 10) == (town == TOWN) else "closed"
                tiny.drop("updates", *life(f"{name}{n}", start, to=done, due=start + 3 * DAY_MS))
            self.collect(week(n).end - HOUR_MS)
            publish(tiny.county, week(n), week(n).end + 9 * HOUR_MS)
            if n == 10:
                self.late("L1", week(10).end + DAY_MS)
                publish(tiny.county, week(10), week(10).end + 2 * DAY_MS, revise=True)
        self.late("L2", Q1.end - 4 * HOUR_MS)

    def late(self, name: str, now: int) -> None:
        self.tiny.drop("findings", finding(name, week(10).start, town_code=OTHER_TOWN))
        self.collect(now)

    def collect(self, now: int) -> None:
        for source in ("findings", "updates"):
            self.tiny.collect(source, now)

    def body(self, period: Period) -> Body:
        """A first edition of a period, not published."""
        with reading(self.tiny.county.engine) as connection:
            limit = cut_off(period, self.tiny.county.policy, self.tiny.county.days)
            known = ledger.watermark(connection, self.tiny.county.code, limit)
            found = made(connection, self.tiny.county, period, known.seq)
        assert found.refusals == ()
        return found.body


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Quarter:
    rules = {"kinds": {}, "freeze_days": 14}
    return Quarter(Tiny.make(tmp_path_factory.mktemp("frozen"), migrated_file, bulletin=rules))


def latest(tiny: Tiny, code: str) -> Body:
    folder = edition_named(tiny.county, code).folder
    document: Any = orjson.loads((tiny.county.home / folder / "edition.json").read_bytes())
    return document["body"]


def by_hand(bodies: list[Body], code: str) -> dict[str, Any]:
    ranks, last = [], 0
    for body in bodies:
        own = next(t for t in body["towns"] if t["code"] == code)
        if own["rank"]:
            group = [t["rank"] or 0 for t in body["towns"] if t["group"] == own["group"]]
            ranks.append(own["rank"])
            last += own["rank"] == max(group) > 1
    mean = f"{sum(ranks) / len(ranks):.2f}" if ranks else "/"
    return {"mean": mean, "first": ranks.count(1), "last": last, "weeks": len(ranks)}


def test_the_quarter_takes_the_ranks_of_weeks_that_were_final(quarter: Quarter) -> None:
    tiny = quarter.tiny
    found = quarter.body(Q1)["frozen"]
    assert [w["period"] for w in found["weeks"]] == ["2025-W10", "2025-W11"]
    assert found["weeks"][0]["edition"] == "2"
    assert found["pending"] == ["2025-W12"]
    assert found["missing"] == [f"2025-W{n:02d}" for n in (*range(1, 10), 13)]
    final = [latest(tiny, "2025-W10"), latest(tiny, "2025-W11")]
    ranked = 0
    for row in found["towns"]:
        expected = by_hand(final, row["code"])
        assert {key: row[key] for key in expected} == expected  # type: ignore[literal-required]
        ranked += row["weeks"]
    assert ranked == 4
    assert {row["first"] for row in found["towns"] if row["code"] in TOWNS} == {1}


def test_later_weeks_enter_the_next_edition_and_the_first_is_made_again(quarter: Quarter) -> None:
    tiny = quarter.tiny
    publish(tiny.county, Q1, Q1.end + DAY_MS)
    tiny.drop("findings", finding("Z1", Q1.end + DAY_MS))
    quarter.collect(week(12).end + 15 * DAY_MS)  # W12 is final by then
    again = publish(tiny.county, Q1, week(12).end + 15 * DAY_MS, revise=True)
    assert (again.edition, again.edition_doc["body"]["frozen"]["pending"]) == (2, [])
    assert len(again.edition_doc["body"]["frozen"]["weeks"]) == 3
    assert differences(tiny.county, edition_named(tiny.county, "quarter/2025-Q1/1")) == []


def test_no_other_kind_has_them_and_none_without_ranks(quarter: Quarter) -> None:
    month = period_of(EditionKind.MONTHLY, "2025-03", ZONE)
    assert "frozen" not in quarter.body(month)
    assert "frozen" not in latest(quarter.tiny, "2025-W10")
    hidden = quarter.tiny.county.policy.model_dump(mode="json")
    hidden["bulletin"]["kinds"] = {"quarter": {"show_ranks": False}}
    county = replace(quarter.tiny.county, policy=Policy.model_validate(hidden))
    other = copy.copy(quarter)
    other.tiny = Tiny(county)
    assert "frozen" not in other.body(Q1)


BODY: Any = {
    "kind": "year",
    "groups": ["A", "B"],
    "towns": [
        {"code": c, "group": g, "name": {"zh": c, "en": c}}
        for c, g in (("1", "A"), ("2", "A"), ("3", "B"))
    ],
    "sectors": [],
    "frozen": {
        "weeks": [{"period": f"2025-W{n}", "edition": "1"} for n in (10, 11, 12)],
        "pending": ["2025-W50", "2025-W51"],
        "missing": ["2025-W08"],
        "towns": [
            {"code": "1", "ranks": [1, 2, 1], "of": [2, 2, 1], "weeks": 3, "mean": "1.33",
             "best": 1, "worst": 2, "first": 2, "last": 1},
            {"code": "2", "ranks": [2, 1, 1], "of": [2, 2, 1], "weeks": 3, "mean": "1.33",
             "best": 1, "worst": 2, "first": 2, "last": 1},
            {"code": "3", "ranks": [None, None, None], "of": [None, None, None], "weeks": 0,
             "mean": "/", "best": None, "worst": None, "first": 0, "last": 0},
        ],
    },
}  # fmt: skip


def test_the_gate_passes_them_and_refuses_every_figure_that_is_off() -> None:
    assert list(check_frozen(BODY)) == []
    for at, row in enumerate(BODY["frozen"]["towns"]):
        for key in row:
            for place in range(3 if isinstance(row[key], list) else 1):
                forged = copy.deepcopy(BODY)
                _spoil(forged["frozen"]["towns"][at], key, place)
                assert list(check_frozen(forged)), (at, key, place)


@pytest.mark.parametrize(("kind", "shown", "refused"), [
    ("quarter", True, True), ("half_year", True, True), ("year", True, True),
    ("year", False, False), ("weekly", True, False),
])  # fmt: skip
def test_the_gate_refuses_an_edition_that_lost_them(kind: str, shown: bool, refused: bool) -> None:
    lost = {key: value for key, value in BODY.items() if key != "frozen"}
    lost |= {"kind": kind, "policy": {"scoring": {"show_ranks": shown}}}
    assert [r.cell for r in check_frozen(lost)] == ["frozen"] * refused


def _spoil(row: Any, key: str, place: int) -> None:
    if isinstance(row[key], list):
        row[key][place] = 3 if row[key][place] is None else None
    else:
        row[key] = "9" if isinstance(row[key], str) else (row[key] or 0) + 1


def test_a_page_says_which_weeks_are_in_it_and_which_are_not() -> None:
    said = " ".join(frozen.notes(BODY, "en"))
    assert "the 3 weekly editions" in said
    assert "Week 50, 2025 – W51" in said and "Week 8, 2025" in said
    [grid] = frozen.standings(BODY, "en")
    assert [row.cells[1] for row in grid.rows] == ["1.33", "1.33", "/"]
    weeks = frozen.tables(BODY, "en")[1]
    assert [c.title for c in weeks.columns[1:]] == ["W10", "W11", "W12"]
