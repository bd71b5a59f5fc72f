import re

import pytest

from flows import artifacts


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
