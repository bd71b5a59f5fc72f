"""How groups and corrections are said: nothing twice, the period itself first."""

import re
from collections import Counter

import pytest

from tasks.rendering import corrections, wording
from tasks.rendering.catalogue import FOLDER


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [("streets", "街道组", "Streets"), ("towns", "乡镇组", "Towns"), ("A", "A组", "Group A")],
)
def test_a_group_is_called_by_its_members_where_that_is_known(code: str, zh: str, en: str) -> None:
    assert (wording.group(code, "zh"), wording.group(code, "en")) == (zh, en)


def test_spans_in_which_the_same_changed_are_told_once_after_the_period() -> None:
    changed = {
        "campaign.all.found": ["10", "12"],
        "campaign.all.closed": ["4", "5"],
        "period.all.found": ["3", "5"],
        "year.all.found": ["10", "12"],
        "year.all.closed": ["4", "5"],
        "overdue_major": ["0", "2"],
    }
    assert corrections.changes(changed, "zh") == (
        "本期：新发现 3 → 5；专项行动累计、本年累计：新发现 10 → 12、销号 4 → 5；重大逾期扣分 0 → 2"
    )


def test_spans_that_differ_are_told_apart() -> None:
    changed = {"year.all.found": ["10", "12"], "campaign.all.found": ["9", "11"]}
    assert corrections.changes(changed, "en") == (
        "Campaign to date: Found 9 → 11; Year to date: Found 10 → 12"
    )


def test_no_key_of_the_catalogue_stands_twice_in_a_file() -> None:
    """YAML keeps the last of two silently."""
    for path in sorted(FOLDER.glob("*.yaml")):
        keys = Counter(re.findall(r"^([\w.-]+):", path.read_text("utf-8"), re.M))
        assert [key for key, n in keys.items() if n > 1] == [], path.name


@pytest.mark.parametrize("letter", ["a", "镇", "\N{IDEOGRAPHIC SPACE}", "\x07"])
def test_a_text_of_any_letters_fits_into_a_cell(letter: str) -> None:
    assert len(wording.scrubbed(letter * 40_000)) == wording.MAX_CELL


def test_what_cannot_be_printed_is_marked() -> None:
    said = {"name": ["镇\x07", "a\u202eb", "\ud800", "两行\n　空格"]}
    assert wording.scrubbed(said) == {"name": ["镇\ufffd", "a\ufffdb", "\ufffd", "两行\n　空格"]}
