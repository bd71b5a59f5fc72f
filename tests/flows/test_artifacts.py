import re

import pytest

from flows import artifacts
from flows.editions import page_of


def test_keys_are_lower_case_letters_digits_and_dashes() -> None:
    key = artifacts.key("late", "2025-W10", "补报 / grid_")
    assert re.fullmatch(r"[a-z0-9-]+", key)
    assert key == "late-2025-w10-grid"


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "a | b", "[x](http://evil)", "**b**\n# h"]
)
def test_data_in_a_page_is_text_and_never_markup(hostile: str) -> None:
    shown = artifacts.inline(hostile)
    assert "<" not in shown
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[|*\[\]#]", shown)


def test_a_table_is_capped_and_says_how_much_was_left_out() -> None:
    rows = artifacts.rows_of({"n": n} for n in range(artifacts.MAX_ROWS + 5))
    assert len(rows) == artifacts.MAX_ROWS + 1
    assert "另有 5 行" in str(rows[-1])


def test_numbers_stay_numbers_and_long_cells_are_cut() -> None:
    (row,) = artifacts.rows_of([{"n": 3, "text": "长" * 5_000, "none": None}])
    assert row["n"] == 3
    assert len(row["text"]) == artifacts.MAX_CELL
    assert row["none"] == ""


def test_a_page_of_an_edition_is_in_words_and_in_the_language_of_the_forms() -> None:
    towns = [
        {"code": "1", "name": {"zh": "虚构镇", "en": "Town"}, "group": "towns", "rank": 1,
         "last_rank": None, "score": "50.00"},
    ]  # fmt: skip
    shown_of = (
        {"kind": "weekly", "period": "2025-W10", "edition": 2, "watermark": 7, "policy_hash": "ab",
         "root": "cd", "gate": {"ok": True, "refusals": []}, "state": "published", "ranking": towns,
         "decision": None,
         "revision": {"revision_class": "R1", "moves": [{}, {}]}, "files": [{"path": "/x/a.html"}]}
    )  # fmt: skip
    shown = page_of(shown_of)
    assert shown.startswith("## 周通报 2025年第10周 第2版")
    for words in ("| 校核 | 通过 |", "| 状态 | 已刊发 |", "迟报补报；2 个单位有变动"):
        assert words in shown
    refused = shown_of | {
        "state": "refused",
        "decision": {"by": "主任周虚构", "at": "x", "reason": "数字不实"},
    }
    assert "| 状态 | 清样已被退回 |" in page_of(refused) and "| 原因 | 数字不实 |" in page_of(
        refused
    )
    assert "| 组 | 名次 | 镇街 | 得分 | 上期名次 |" in shown
    assert r"| 乡镇组 | 1 | 虚构镇 | 50.00 | \- |" in shown
