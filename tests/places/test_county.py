"""A small county told by hand: what its places and towns must come to, line by line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.columns import credit_codes
from schemas.period import DAY_MS, HOUR_MS
from tasks.places import Asked, overview, towns
from tasks.places_shown import NoSuchPlace, shown
from tasks.store import ledger
from tasks.store.engine import reading
from tests.store.tiny import (
    MONDAY,
    OTHER_TOWN,
    SECTOR,
    TOWN,
    Row,
    Tiny,
    finding,
    iso,
    life,
    update,
)

LONG_AGO = MONDAY - 300 * DAY_MS
END = MONDAY + 35 * DAY_MS  # Monday 2025-04-07 00:00: January to March are complete
RECEIVED = END - HOUR_MS
CODES = [str(code) for code in credit_codes(np.arange(3)).to_pylist()]
FOUND = {n: MONDAY - 40 * DAY_MS + n * DAY_MS for n in range(100)}


def place(number: str, town: str = TOWN, **more: str) -> Row:
    row = {
        "source_id": number,
        "name": f"虚构{number}五金厂",
        "place_class": "enterprise",
        "town_code": town,
        "sector_code": SECTOR,
        "active_from": iso(LONG_AGO),
        "sent_at": iso(LONG_AGO),
    }
    return row | more


def check(number: str, at_place: str, at: int, channel: str = "self_check") -> Row:
    actor = "enterprise" if channel == "self_check" else "government"
    return {
        "source_id": number,
        "place_id": at_place,
        "checked_at": iso(at),
        "channel": channel,
        "actor_kind": actor,
        "result": "clean",
        "sent_at": iso(at),
    }


PLACES = [
    place("P1", credit_code=CODES[0]),
    place("P2", OTHER_TOWN, credit_code=CODES[1]),
    place("P3", place_class="shop"),
    place("P4", active_to=iso(MONDAY - 20 * DAY_MS)),  # closed in February
    place("P5", place_class="rented_home"),
]
CHECKS = [
    check("C1", "P1", MONDAY - 50 * DAY_MS),  # January
    check("C2", "P1", MONDAY + 2 * DAY_MS),  # March
    check("C3", "P1", MONDAY + 3 * DAY_MS),  # March again
    check("C4", "P1", MONDAY - 10 * DAY_MS, "professional_inspection"),  # February: not by itself
    check("C5", "P2", MONDAY + 4 * DAY_MS, "professional_inspection"),
    check("C6", "P1", END - 5 * DAY_MS),  # April: not complete
]
NAMELESS = {"place_id": "", "unit_name": ""}
FINDINGS = [
    finding("H1", FOUND[0], place_id="P1"),
    finding("H2", FOUND[20], place_id="P1"),  # again, after H1 was closed
    finding("H3", FOUND[60], place_id="P1", severity="major", category="用电"),
    finding(
        "H4", FOUND[61], **NAMELESS, credit_code=CODES[1], category="用电", town_code=OTHER_TOWN
    ),
    finding("H5", FOUND[62], place_id="", unit_name="虚构P2五金厂有限公司", town_code=OTHER_TOWN),
    finding("H6", FOUND[63], place_id="X9", unit_name="虚构黑作坊"),
    finding("H7", FOUND[64], **NAMELESS),
    finding("H8", FOUND[10], place_id="P4"),
    finding("H9", FOUND[65], place_id="P3"),
    finding("H10", FOUND[50], place_id="P3", description="店内灭火器压力不足"),
    finding("H11", FOUND[51], place_id="P3", description="店内灭火器压力不足"),
]
UPDATES = [
    *life("H1", FOUND[0]),
    *life("H2", FOUND[20], to="started", due=FOUND[25]),
    update("H3", "verified", FOUND[60] + HOUR_MS),
    update("H3", "listed", FOUND[60] + 2 * HOUR_MS, listing_number="挂-1", listing_level="county"),
    *life("H4", FOUND[61], to="verified"),
    update("H4", "penalised", FOUND[62], amount_fen="500000"),
    update("H9", "rejected", FOUND[65] + HOUR_MS, reason="不属实"),
]


def told(tiny: Tiny, at: int, source: str, *rows: Row) -> None:
    tiny.drop(source, *rows)
    report = tiny.collect(source, at)
    assert report.problem == ""
    assert set(report.refused_by) <= {"A001"}, report  # an update waits for its hazard


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    tiny = Tiny.make(tmp_path_factory.mktemp("told"), migrated_file)
    for source, rows in (
        ("places", PLACES),
        ("findings", FINDINGS),
        ("updates", UPDATES),
        ("checks", CHECKS),
    ):
        told(tiny, RECEIVED, source, *rows)
    return tiny


def listed(tiny: Tiny, **more: Any) -> dict[str, dict[str, Any]]:
    return {p["place_id"]: p for p in overview(tiny.county, END, **more)["places"]}


def ingredients(place: dict[str, Any]) -> dict[str, int]:
    """Those that are not 0."""
    return {name: n for name, n in place["ingredients"].items() if n}


def test_the_ingredients_of_every_place(county: Tiny) -> None:
    found = listed(county)
    assert {p: ingredients(row) for p, row in found.items()} == {
        # H2 open past its date, H3 major and listed; H1 closed after 3 hours; H2 repeats H1
        "P1": {
            "open_major": 1, "open_listed": 1, "open_general": 1, "overdue": 1, "repeats": 1,
            "self_check_owed": 3, "self_check_missed": 1, "rectified": 1,
            "rectify_seconds": 3 * 3600,
        },
        # H4 by its credit code, H5 by its name; penalised once; no self-check at all
        "P2": {"open_general": 2, "penalties": 1, "self_check_owed": 3, "self_check_missed": 3},
        # H9 was rejected, H10 and H11 are one
        "P3": {"open_general": 1},
        "P4": {"open_general": 1, "self_check_owed": 1, "self_check_missed": 1},
        "P5": {},
        "number:X9": {"open_general": 1},
    }  # fmt: skip
    assert {p: row["status"] for p, row in found.items() if row["status"] != "registered"} == {
        "P4": "closed",
        "number:X9": "not_registered",
    }
    assert overview(county.county, END)["unplaced"] == 1


def test_the_colours_and_grades_of_every_place(county: Tiny) -> None:
    found = listed(county)
    bands = ("colour", "risk_score", "grade", "credit_score")
    assert {p: tuple(row[b] for b in bands) for p, row in found.items()} == {
        # risk 100 − 30 − 10 − 3 − 5 − 33.33·0.15; credit 100 − 33.33·0.3 − 5 − 10 − 10
        "P1": ("red", "47.00", "C", "65.00"),
        # risk 100 − 6 − 15 − 5; credit 100 − 30 − 15: a penalty is B at best, 55 is D
        "P2": ("yellow", "74.00", "D", "55.00"),
        "P3": ("blue", "97.00", "A", "100.00"),
        "P4": ("yellow", "82.00", "C", "70.00"),
        "P5": ("blue", "100.00", "", ""),  # a home gets no grade
        "number:X9": ("blue", "97.00", "", ""),  # nobody's credit
    }


def test_the_worst_stand_first_and_every_filter_narrows(county: Tiny) -> None:
    everything = overview(county.county, END)
    assert [p["place_id"] for p in everything["places"]] == [
        "P1", "P2", "P4", "P3", "number:X9", "P5",
    ]  # fmt: skip
    assert everything["colours"] == {"blue": 3, "yellow": 2, "orange": 0, "red": 1}
    assert everything["grades"] == {"A": 1, "B": 0, "C": 2, "D": 1, "E": 0}

    def asked(**more: Any) -> list[str]:
        return [p["place_id"] for p in overview(county.county, END, Asked(**more))["places"]]

    assert asked(colour="yellow") == ["P2", "P4"]
    assert asked(grade="C") == ["P1", "P4"]
    assert asked(town=OTHER_TOWN) == ["P2"]
    assert asked(sector="fire") == []
    assert asked(limit=2) == ["P1", "P2"]
    assert overview(county.county, END, Asked(limit=2))["count"] == 6


@pytest.mark.parametrize("key", ["P1", "P2", "P3", "P4", "P5", "number:X9"])
def test_one_place_is_shown_as_it_is_listed_and_its_points_add_up(county: Tiny, key: str) -> None:
    one = shown(county.county, key, END)
    row = dict(one["place"])
    row.pop("credit_codes")
    assert row == listed(county)[key]
    for scale, score in (("risk", "risk_score"), ("credit", "credit_score")):
        if one[scale] is None:
            assert row[score] == ""
            continue
        lost = sum(float(line["lost"]) for line in one[scale]["lines"])
        assert f"{100 - lost:.2f}" == one[scale]["score"] == row[score]


def test_one_place_names_its_hazards_repeats_and_months(county: Tiny) -> None:
    one = shown(county.county, "P1", END)
    assert [(h["number"], h["is_overdue"], h["listing_level"]) for h in one["open"]] == [
        ("findings:H2", True, "none"),
        ("findings:H3", False, "county"),
    ]
    assert [(h["number"], h["because"], h["earlier"]) for h in one["repeats"]] == [
        ("findings:H2", "after_closing", "findings:H1")
    ]
    months = [(m["month"], m["visits"], m["self_checks"], m["owed"]) for m in one["months"]]
    assert months == [
        ("2025-01", 1, 1, True),
        ("2025-02", 1, 0, True),
        ("2025-03", 2, 2, True),
        ("2025-04", 1, 1, None),
    ]
    assert one["risk"]["rules"] == [
        {"of": "open_listed", "value": "1", "at_least": "1", "band": "red"},
        {"of": "open_major", "value": "1", "at_least": "1", "band": "orange"},
    ]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (CODES[1], "P2"),
        (CODES[1].lower(), "P2"),
        ("虚构P2五金厂", "P2"),
        ("慈溪市虚构P2五金厂有限公司", "P2"),
        ("虚构黑作坊", "number:X9"),  # its hazards go by the number that was given
        (" P3 ", "P3"),
    ],
)
def test_a_place_is_found_by_number_code_or_name(county: Tiny, key: str, expected: str) -> None:
    assert shown(county.county, key, END)["place"]["place_id"] == expected


@pytest.mark.parametrize("key", ["P9", "没有这一家", CODES[2], "number:nothing", "x"])
def test_a_place_that_nobody_names_is_refused_with_what_to_do(county: Tiny, key: str) -> None:
    with pytest.raises(NoSuchPlace, match="bihuan place list"):
        shown(county.county, key, END)


def test_several_places_of_one_name_are_named_by_id(tiny: Tiny) -> None:
    told(tiny, RECEIVED, "places", place("P1", name="虚构同名厂"), place("P2", name="虚构同名厂"))
    with pytest.raises(NoSuchPlace, match="P1 虚构同名厂, P2 虚构同名厂"):
        shown(tiny.county, "虚构同名厂", END)
    told(tiny, RECEIVED, "findings", finding("H1", MONDAY, place_id="", unit_name="虚构同名厂"))
    found = listed(tiny)
    assert found["name:330282104|虚构同名厂"]["status"] == "unclear"
    assert not ingredients(found["P1"]).get("open_general")


def test_the_towns_are_made_of_their_places_and_hazards(county: Tiny) -> None:
    found = {t["town_code"]: t for t in towns(county.county, END)["towns"]}
    made = {
        code: {
            line["of"]: (line["numerator"], line["denominator"])
            for line in found[code]["ingredients"]
            if line["denominator"]
        }
        for code in (TOWN, OTHER_TOWN)
    }
    assert made[TOWN] == {
        "rectification": (1, 8),  # H1 of H1, H2, H3, H6, H7, H8, H9, H10
        "on_time": (1, 2),  # H1 and not H2
        "overdue_share": (1, 6),
        "five_elements": (0, 1),
        "coverage": (1, 4),  # P4 was closed by the end: P1, P3, P5 are due
        "self_check": (2, 4),
        "repeat_share": (1, 8),
        "at_risk_share": (1, 3),
    } | {"coverage": (1, 3)}
    assert made[OTHER_TOWN] == {
        "rectification": (0, 2),
        "overdue_share": (0, 2),
        "coverage": (1, 1),
        "self_check": (0, 3),
        "repeat_share": (0, 2),
        "at_risk_share": (0, 1),
    }
    # 20 + 10 + 10 of 75 points of weight: rectification all, self-checks all
    assert found[OTHER_TOWN]["score"] == "60.00"
    assert [t["score"] for t in towns(county.county, END)["towns"]][-1] is None


def test_a_void_penalty_counts_no_more_and_the_old_watermark_still_sees_it(
    county: Tiny, tmp_path: Path
) -> None:
    tiny = county.copied(tmp_path)
    with reading(tiny.county.engine) as connection:
        before = ledger.read_head(connection, tiny.county.code).seq
    as_it_was = overview(tiny.county, END)
    penalty = f"H4-penalised-{FOUND[62]}"
    void = update(
        "H4", "voided", FOUND[66], target=penalty, reason="处罚撤销", second_person="周虚构"
    )
    late = [finding("H20", FOUND[30], place_id="P5", category="用电")]
    told(tiny, RECEIVED + 1, "updates", void)
    told(tiny, RECEIVED + 2, "findings", *late)
    told(tiny, RECEIVED + 3, "checks", check("C9", "P2", MONDAY - 10 * DAY_MS))
    now = listed(tiny)
    assert ingredients(now["P2"]) == {
        "open_general": 2,
        "self_check_owed": 3,
        "self_check_missed": 2,
    }
    assert ingredients(now["P5"]) == {"open_general": 1}
    assert overview(tiny.county, END, watermark=before) == as_it_was


def test_an_earlier_day_sees_what_had_happened_by_then(county: Tiny) -> None:
    at = FOUND[20] - HOUR_MS
    found = {p["place_id"]: p for p in overview(county.county, at)["places"]}
    assert ingredients(found["P1"]) == {
        "rectified": 1,
        "rectify_seconds": 3 * 3600,
        "self_check_owed": 1,
    }
    assert "number:X9" not in found


def orders() -> Iterator[tuple[str, ...]]:
    yield ("checks", "updates", "findings", "places")
    yield ("findings", "places", "updates", "checks")


@pytest.mark.parametrize("order", list(orders()), ids="-".join)
def test_any_order_of_arrival_ends_in_the_same_places_and_towns(
    county: Tiny, tiny: Tiny, order: tuple[str, ...]
) -> None:
    rows = {"places": PLACES, "findings": FINDINGS, "updates": UPDATES, "checks": CHECKS}
    for source in order:
        told(tiny, RECEIVED, source, *reversed(rows[source]))
    straight, mixed = (overview(t.county, END) for t in (county, tiny))
    assert mixed["places"] == straight["places"]
    assert towns(tiny.county, END)["towns"] == towns(county.county, END)["towns"]
