"""What the ingredients are made of: repeats, months of self-checks, where a finding is."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rules.identity_names import KEYS
from rules.placing import placed, surest, unnumbered
from rules.repeats import repeats
from rules.self_checks import complete_months, kept, owed
from schemas.period import DAY_MS, FOREVER, HOUR_MS
from schemas.policy_indices import Repeats

ZONE = "Asia/Shanghai"
START = 1_735_660_800_000  # 2025-01-01 00:00 in Shanghai
POLICY = Repeats(after_closing_days=30, again_within_days=100)


def day(number: float) -> int:
    return START + int(number * DAY_MS)


def found(*hazards: tuple[str, float, float], policy: Repeats = POLICY) -> dict[str, str]:
    """hazards of one spot as (id, found on day, closed on day or 0) → what each repeats and why."""
    frame = pd.DataFrame(
        [(i, "P1", "消防通道", day(f), day(c) if c else 0) for i, f, c in hazards],
        columns=["root_id", "place", "category", "found_at", "closed_at"],
    )
    return said(frame, policy)


def said(frame: pd.DataFrame, policy: Repeats = POLICY) -> dict[str, str]:
    at = frame["place"].map({"P1": 1, "P2": 2, "": -1})
    frame = frame.assign(at=at)
    days = (frame["found_at"].to_numpy(np.int64) + 8 * HOUR_MS) // DAY_MS
    again = repeats(frame, days, policy)
    pairs = zip(frame["root_id"], again["because"], again["earlier"], strict=True)
    return {root: f"{because} {earlier}" for root, because, earlier in pairs if because}


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (5.5, "after_closing a"),  # half a day after the closing, on the day of neither finding
        (35.0, "after_closing a"),  # 30 days to the millisecond
        (35.001, "again a"),
        (100.9, "again a"),  # on the hundredth day after
        (101.0, ""),
    ],
)
def test_a_hazard_is_a_repeat_for_so_long_after_a_closing_or_a_finding(
    second: float, expected: str
) -> None:
    assert found(("a", 0, 5), ("b", second, 0)).get("b", "") == expected


def test_what_one_day_finds_is_no_repeat_of_itself_unless_closed_in_between() -> None:
    assert found(("a", 0.1, 0), ("b", 0.2, 0), ("c", 0.9, 0)) == {}
    assert found(("a", 0.1, 0.2), ("b", 0.3, 0)) == {"b": "after_closing a"}
    assert found(("a", 0.9, 0), ("b", 1.1, 0)) == {"b": "again a"}  # the next calendar day


def test_a_closing_at_the_very_instant_is_not_before_it() -> None:
    assert found(("a", 0, 3), ("b", 3, 0)) == {"b": "again a"}


def test_an_open_one_can_be_repeated_and_the_latest_is_named() -> None:
    assert found(("a", 0, 0), ("b", 10, 0), ("c", 20, 0)) == {"b": "again a", "c": "again b"}
    assert found(("a", 0, 15), ("b", 10, 0), ("c", 20, 0))["c"] == "after_closing a"


def test_a_long_closing_counts_where_the_finding_is_too_long_ago() -> None:
    assert found(("a", 0, 110), ("b", 120, 0)) == {"b": "after_closing a"}


def test_another_place_another_category_or_none_is_no_repeat() -> None:
    rows = [
        ("a", "P1", "消防通道", day(0), 0),
        ("b", "P2", "消防通道", day(1), 0),
        ("c", "P1", "用电", day(2), 0),
        ("d", "P1", "", day(3), 0),
        ("e", "P1", "", day(4), 0),
        ("f", "", "消防通道", day(5), 0),
        ("g", "", "消防通道", day(6), 0),
        ("h", "P1", "消防通道", day(7), 0),
    ]
    columns = ["root_id", "place", "category", "found_at", "closed_at"]
    frame = pd.DataFrame(rows, columns=columns)
    assert said(frame) == {"h": "again a"}
    mixed = frame.sample(frac=1, random_state=3)
    assert said(mixed) == {"h": "again a"}
    assert said(frame[:0]) == {}


def months(end: float, count: int = 12, since: date = date(2025, 1, 1)) -> list[str]:
    return [m.code for m in complete_months(day(end), count, since, ZONE)]


def test_only_complete_months_are_judged() -> None:
    assert months(31) == ["2025-01"]
    assert months(30.99) == []
    assert months(59) == ["2025-01", "2025-02"]
    assert months(120, count=2) == ["2025-03", "2025-04"]
    assert months(120, since=date(2025, 2, 2)) == ["2025-03", "2025-04"]
    assert months(3 * 365, count=60)[-1] == "2027-12"


def spans(*rows: tuple[str, float, float, float, float, str]) -> pd.DataFrame:
    """(place, claimed from, claimed to, active from, active to, class); 0: none, forever."""
    return pd.DataFrame(
        [
            (p, day(a), day(b) if b else FOREVER, day(c), day(d) if d else 0, kind)
            for p, a, b, c, d, kind in rows
        ],
        columns=[
            "place_id", "claimed_from", "claimed_to", "active_from", "active_to", "place_class",
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("P1", -9, 0, -9, 0, "enterprise")], [1, 1, 1]),
        ([("P1", 0, 0, 0, 0, "enterprise")], [1, 1, 1]),
        ([("P1", 0.1, 0, 0.1, 0, "enterprise")], [0, 1, 1]),  # active from the first morning
        ([("P1", -9, 0, -9, 59, "enterprise")], [1, 1, 0]),  # to the last instant of February
        ([("P1", -9, 0, -9, 58.9, "enterprise")], [1, 0, 0]),
        ([("P1", -9, 0, -9, 0, "shop")], [0, 0, 0]),
        ([("P1", -9, 40, -9, 0, "shop"), ("P1", 40, 0, -9, 0, "enterprise")], [0, 1, 1]),
        ([("P1", -9, 40, -9, 0, "enterprise"), ("P1", 40, 0, -9, 0, "shop")], [1, 0, 0]),
        ([("P2", -9, 0, -9, 0, "enterprise")], [0, 0, 0]),
    ],
)
def test_a_self_check_is_owed_for_a_whole_month_of_activity_in_the_class(
    rows: list[Any], expected: list[int]
) -> None:
    asked = complete_months(day(90), 12, date(2025, 1, 1), ZONE)
    due = owed(spans(*rows), pd.Index(["P1"], dtype=object), asked, ["enterprise"])
    assert due.astype(int).tolist() == [expected]


def test_a_self_check_is_kept_in_its_month_and_at_a_known_place() -> None:
    visits = pd.DataFrame({"place_id": ["P1", "P9", "P1"], "month": [0, 1, 2]})
    assert kept(visits, pd.Index(["P1", "P2"], dtype=object), 3).astype(int).tolist() == [
        [1, 0, 1],
        [0, 0, 0],
    ]


REGISTRY = pd.Index(["P1", "P2", "P3", "P4"], dtype=object)
CODES = pd.DataFrame(
    [("A", "T1", "P1"), ("B", "T1", "P2"), ("B", "T2", "P3"), ("C", "T1", "P3"), ("C", "T1", "P4")],
    columns=["credit_key", "town_code", "place_id"],
)
NAMES = pd.DataFrame(
    [("T1|一厂", "P1"), ("T1|二厂", "P2"), ("T1|同名", "P3"), ("T1|同名", "P4")],
    columns=["name_key", "place_id"],
)


def at(town: str = "T1", **keys: str) -> tuple[str, str]:
    findings = pd.DataFrame([dict.fromkeys(KEYS, "") | keys | {"town_code": town}])
    one = placed(findings, unnumbered(findings, REGISTRY), CODES, NAMES).iloc[0]
    return one["place"], one["status"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"place_key": "P2"}, ("P2", "registered")),
        ({"place_key": "P2", "credit_key": "A", "name_key": "T1|一厂"}, ("P2", "registered")),
        ({"credit_key": "A"}, ("P1", "registered")),
        ({"credit_key": "A", "town": "T9"}, ("P1", "registered")),
        ({"credit_key": "B"}, ("P2", "registered")),  # the one in its town
        ({"credit_key": "B", "town": "T2"}, ("P3", "registered")),
        ({"credit_key": "B", "town": "T9"}, ("credit_code:B", "unclear")),
        ({"credit_key": "C"}, ("credit_code:C", "unclear")),
        ({"credit_key": "C", "name_key": "T1|二厂"}, ("P2", "registered")),
        ({"place_key": "X1", "credit_key": "A"}, ("P1", "registered")),
        ({"name_key": "T1|二厂"}, ("P2", "registered")),
        ({"name_key": "T1|同名"}, ("name:T1|同名", "unclear")),
        ({"name_key": "T2|二厂"}, ("name:T2|二厂", "not_registered")),
        ({"place_key": "X1"}, ("number:X1", "not_registered")),
        ({"place_key": "X1", "credit_key": "Z"}, ("number:X1", "not_registered")),
        ({"credit_key": "Z", "address_key": "T1|路1号"}, ("credit_code:Z", "not_registered")),
        ({"address_key": "T1|路1号"}, ("address:T1|路1号", "not_registered")),
        ({}, ("", "")),
    ],
)
def test_a_finding_is_at_the_place_that_its_strongest_key_names(
    keys: dict[str, str], expected: tuple[str, str]
) -> None:
    assert at(**keys) == expected


def test_a_hazard_is_where_the_surest_of_its_findings_is() -> None:
    rows = [
        ("R1", "s2", 5, "name:T1|甲", "not_registered", 6),
        ("R1", "R1", 1, "P1", "registered", 1),
        ("R1", "s3", 0, "P2", "registered", 0),
        ("R2", "R2", 9, "", "", 8),
    ]
    columns = ["root_id", "stream_id", "found_at", "place", "status", "sureness"]
    where = surest(pd.DataFrame(rows, columns=columns))
    assert where.loc["R1"].tolist() == ["P2", "registered"]
    assert where.loc["R2"].tolist() == ["", ""]
