"""Real messages of Chinese citizens: public reports that no reply closes, and sealed writers.

The expected figures are counted from the publisher's file by plain pandas.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rules.redaction import MARK
from schemas.period import DAY_MS
from schemas.vocabulary import FactKind
from tasks.auditing import audit

FILE = "teddy_messages/messages_with_replies.xlsx"
ROWS, WITHOUT_DISTRICT, UNKNOWN_CITY = 2_816, 175, 1
# Texts in which people say who they are, and how often: by name, number or address.
BLOTTED, NAMES, NUMBERS, HOMES = 68, 56, 31, 11
TAKEN = ROWS - WITHOUT_DISTRICT - UNKNOWN_CITY


@pytest.fixture(scope="module")
def county(collected: Callable[..., Any]) -> Any:
    return collected("teddy", "messages", FILE)


@pytest.fixture(scope="module")
def own(shared_data: Path) -> pd.DataFrame:
    """The publisher's rows with the first district that each names, and its city's letter."""
    rows = pd.read_excel(shared_data / FILE, dtype=str, keep_default_na=False, engine="openpyxl")
    told = rows["留言主题"] + " " + rows["留言详情"]
    rows["district"] = told.str.extract(r"([A-Z]\d{0,2}[市县区])")[0]
    rows["asked_at"] = pd.to_datetime(rows["留言时间"].str.replace("-", "/"))
    return rows.assign(city=rows["district"].str[0]).set_index("留言编号")


def test_every_row_is_taken_or_refused_by_rule_and_known_the_second_time(
    county: Any, own: pd.DataFrame
) -> None:
    first, second = county.first, county.second
    assert not first.problem
    assert (first.received, first.taken, first.refused) == (ROWS, TAKEN, ROWS - TAKEN)
    assert first.refused_by["R001"] == int(own["district"].isna().sum()) == WITHOUT_DISTRICT
    assert first.refused_by["U001"] == int((own["city"] > "M").sum()) == UNKNOWN_CITY
    assert (second.appended, second.known) == (0, ROWS)
    assert audit(county.county).findings == []


def test_dates_without_zeros_are_read_and_towns_are_those_that_are_named(
    county: Any, own: pd.DataFrame
) -> None:
    found = county.table("select source_id, found_at, town_code from finding")
    found = found.set_index("source_id")
    mine = own.loc[found.index]
    clock = pd.to_datetime(found["found_at"], unit="ms", utc=True)
    assert (clock.dt.tz_convert("Asia/Shanghai").dt.tz_localize(None) == mine["asked_at"]).all()
    assert (found["town_code"].str[-2:].astype(int) == mine["city"].map(ord) - ord("A") + 1).all()
    assert own["留言时间"].str.contains(r"/\d[/ ]").sum() == 2_223  # a day or a month of one digit


def test_texts_lose_their_tabs_and_ideographic_spaces_and_what_tells_of_the_writer(
    county: Any, own: pd.DataFrame
) -> None:
    told = county.table("select source_id, description from finding").set_index("source_id")
    kept = told["description"]
    assert not kept.str.contains(r"[\t\n\u3000]|^\s|\s$").any()
    written = own.loc[kept.index, "留言详情"]
    assert int(written.str.contains("\u3000").sum()) == 1_101
    # A line break as the workbook writes it; openpyxl leaves it as it stands.
    assert int(written.str.contains("_x000D_").sum()) == 75
    letters = written.str.replace("_x000D_", "").str.replace(r"\s", "", regex=True)
    bare = kept.str.replace(r"\s", "", regex=True)
    hidden = bare.str.contains(MARK, regex=False)
    assert (bare[~hidden] == letters[~hidden]).all()
    found = [gone(*texts) for texts in zip(bare[hidden], letters[hidden], strict=True)]
    assert len(found) == BLOTTED
    each = [part for parts in found for part in parts]
    names = [part for part in each if not re.search(r"\d", part)]
    numbers = [part for part in each if re.fullmatch(r"[\d-]{7,18}", part)]
    homes = [part for part in each if re.search(r"\d(号|栋)(\d+号)?$", part)]
    assert (len(names), len(numbers), len(homes)) == (NAMES, NUMBERS, HOMES)
    assert (max(map(len, names)), len(each)) == (3, NAMES + NUMBERS + HOMES)


def gone(redacted: str, letters: str) -> tuple[str, ...]:
    """What stood where the marks stand; everything else is as it was written."""
    pattern = "(.{2,30}?)".join(map(re.escape, redacted.split(MARK)))
    found = re.fullmatch(pattern, letters)
    assert found, redacted
    return found.groups()


def test_a_reply_closes_no_hazard(county: Any, own: pd.DataFrame) -> None:
    replies = own["答复意见"].str.strip()
    assert (int((replies == "").sum()), int((replies.str.len() < 12).sum())) == (0, 41)
    standing = county.standing()
    assert standing == {"registered": 2_576}
    assert len(county.entered(FactKind.REGISTERED)) == 2_576
    assert county.noted() == {("registered", "not_from_this_state"): TAKEN - 2_576}


def test_a_message_sent_twice_is_one_hazard(county: Any, own: pd.DataFrame) -> None:
    """The same letters about the same district within a month, at the very least."""
    roots = county.table("select source_id, root_id, found_at from finding")
    roots = roots.set_index("source_id")
    mine = own.loc[roots.index].join(roots)
    mine["letters"] = mine["留言详情"].str.replace(r"[\W_]+", "", regex=True).str.lower()
    mine = mine.sort_values("found_at")
    key = ["district", "letters"]
    near = mine.groupby(key)["found_at"].diff() <= 30 * DAY_MS
    before = mine.groupby(key)["root_id"].shift()
    assert (mine.loc[near, "root_id"] == before[near]).all()
    assert (int(near.sum()), TAKEN - mine["root_id"].nunique()) == (36, 64)


def test_nothing_but_the_vault_knows_who_wrote(county: Any, own: pd.DataFrame) -> None:
    writers = set(own["留言用户"].str.strip())
    quoted = [
        name.strip() in reply for name, reply in zip(own["留言用户"], own["答复意见"], strict=True)
    ]
    assert sum(quoted) == 1_805  # replies name whom they answer
    home = county.county.home
    files = [home / "bihuan.sqlite", *(p for p in county.county.landing.rglob("*") if p.is_file())]
    for path in files:
        named = re.findall(rb"(?<![A-Za-z0-9])(?:UU\d{4,7}|A\d{7,9})(?!\d)", path.read_bytes())
        assert not writers & {name.decode() for name in named}
    assert len(files) > 2
