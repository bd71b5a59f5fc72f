"""Deliveries taken together: whose row it is that came twice."""

from pathlib import Path

from tests.store.tiny import MONDAY, Tiny, finding


def test_a_row_that_came_twice_is_new_in_its_first_delivery_whatever_columns_that_has(
    tmp_path: Path, migrated_file: Path
) -> None:
    tiny = Tiny.make(tmp_path, migrated_file)
    tiny.drop("findings", finding("F1"))
    second = tiny.drop("findings", finding("F2"))
    lines = second.read_text("utf-8").splitlines()
    more = [f"{line},{extra}" for line, extra in zip(lines, ("remark", "as told"), strict=True)]
    second.write_text("\n".join(more), "utf-8")
    tiny.drop("findings", finding("F2"), finding("F3"))
    assert tiny.collect("findings", MONDAY).taken == 3
    told = "SELECT rows_taken, rows_known FROM submission ORDER BY rows_received, rows_known"
    assert tiny.query(told) == [(1, 0), (1, 0), (1, 1)]
