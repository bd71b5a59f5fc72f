"""Tables that are false in one place are refused, and that place is named."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.outside import Checked
from rules.outside_columns import Declared
from rules.outside_table import letters
from tasks.outside import check_file
from tasks.rendering.catalogue import LANGUAGES, text
from tests.outside.printed import TRUE, Number, Sheet, checked, percent


@dataclass(frozen=True)
class Mutation:
    """`cells`: what must be named with `reason`; other cells that the change touches may be."""

    table: str
    change: Callable[[Sheet], Sheet]
    reason: str
    cells: tuple[str, ...]


def put(**cells: Any) -> Callable[[Sheet], Sheet]:
    return lambda sheet: sheet.changed(**cells)


def columns(one: int, other: int, first: int, last: int) -> Callable[[Sheet], Sheet]:
    """Two columns in each other's place, from line to line."""

    def change(sheet: Sheet) -> Sheet:
        cells = {}
        for line in range(first, last + 1):
            a, b = f"{letters(one)}{line}", f"{letters(other)}{line}"
            cells |= {a: sheet.at(b), b: sheet.at(a)}
        return sheet.changed(**cells)

    return change


def without(line: int) -> Callable[[Sheet], Sheet]:
    return lambda s: s.with_rows([r for n, r in enumerate(s.rows, 1) if n != line])


def doubled(line: int) -> Callable[[Sheet], Sheet]:
    return lambda s: s.with_rows([*s.rows[:line], s.rows[line - 1], *s.rows[line:]])


MUTATIONS = {
    "a total one too high": Mutation("tianmen", put(C12=973), "total", ("C12",)),
    "a total one too low": Mutation("tianmen", put(D12=910), "total", ("D12",)),
    "a town one too high": Mutation("tianmen", put(E8=182), "total", ("E12",)),
    "a town one too low": Mutation("tianmen", put(C6=56), "total", ("C12",)),
    "the first town": Mutation("tianmen", put(D4=98), "total", ("D12",)),
    "the last town": Mutation("tianmen", put(E11=84), "total", ("E12",)),
    "digits transposed": Mutation("tianmen", put(D8=242), "total", ("D12",)),
    "digits of a total transposed": Mutation("tianmen", put(E12=773), "total", ("E12",)),
    "a rate one in the last place too high": Mutation("tianmen", put(F6="92.99%"), "rate", ("F6",)),
    "a rate one in the last place too low": Mutation("tianmen", put(G9="74.70%"), "rate", ("G9",)),
    "the total rate": Mutation("tianmen", put(F12="93.73%"), "rate", ("F12",)),
    "a rate from wrong parts": Mutation(
        "tianmen", put(G7=f"{percent(124, 154)}%"), "rate", ("G7",)
    ),
    "the total's rate from wrong parts": Mutation(
        "tianmen", put(G12=f"{percent(737, 911)}%"), "rate", ("G12",)
    ),
    "a total rate outside its parts": Mutation("tianmen", put(F12="95.72%"), "outside", ("F12",)),
    "a total rate below its parts": Mutation("tianmen", put(G12="71.82%"), "outside", ("G12",)),
    "a rate over 100 %": Mutation("tianmen", put(G5="175.00%"), "over_100", ("G5",)),
    "more closed than due": Mutation("tianmen", put(D6=59), "exceeds", ("D6",)),
    "more on time than due": Mutation("tianmen", put(E6=58), "exceeds", ("E6",)),
    "columns swapped": Mutation("tianmen", columns(2, 3, 4, 12), "swapped", ("C3",)),
    "counts swapped, other": Mutation("tianmen", columns(3, 4, 4, 12), "swapped", ("D3",)),
    "rates swapped": Mutation("tianmen", columns(5, 6, 4, 12), "swapped", ("F3",)),
    "columns swapped but for the total": Mutation(
        "tianmen", columns(3, 4, 4, 11), "swapped", ("D3",)
    ),
    "two cells swapped": Mutation("tianmen", columns(3, 4, 8, 8), "misplaced", ("D8",)),
    "two rates swapped": Mutation("tianmen", columns(5, 6, 7, 7), "misplaced", ("F7",)),
    "a town missing in the total": Mutation(
        "tianmen", put(C12=972 - 57, D12=911 - 53, E12=737 - 42), "total", ("C12", "D12", "E12")
    ),
    "a town left out of the table": Mutation("tianmen", without(7), "total", ("C11", "D11", "E11")),
    "a row doubled": Mutation("tianmen", doubled(9), "twice", ("B10",)),
    "the total of a row doubled": Mutation("tianmen", doubled(9), "total", ("C13", "D13", "E13")),
    "closed more than found": Mutation("fuzhou", put(C5="1,147"), "exceeds", ("C5",)),
    "a comma in a total": Mutation("fuzhou", put(B2="36,341"), "total", ("B2",)),
    "what is left does not fit": Mutation("fuzhou", put(D6="693"), "parts", ("B6",)),
    "a mean instead of a rate": Mutation("fuzhou", put(E2="93.42"), "averaged", ("E2",)),
    "the total rate of the city": Mutation("fuzhou", put(E2="94.33"), "outside", ("E2",)),
    "found and closed swapped": Mutation("fuzhou", columns(1, 2, 2, 10), "swapped", ("B1",)),
    "general and whole swapped": Mutation("cixi", columns(1, 4, 4, 12), "swapped", ("B3",)),
    "a whole less than its parts": Mutation("cixi", put(B9=21704), "parts", ("B9",)),
    "a major hazard too many": Mutation("cixi", put(H6=10), "parts", ("B6",)),
    "a part of zero with a rate": Mutation(
        "cixi", put(J7=Number(1.0, "0.00%")), "over_nothing", ("J7",)
    ),
    "a share": Mutation("cixi", put(D5=Number(0.9973, "0.00%")), "rate", ("D5",)),
    "a share of the total": Mutation("cixi", put(D12=Number(0.9946, "0.00%")), "rate", ("D12",)),
    "more closed than found, major": Mutation("cixi", put(I8=22), "exceeds", ("I8",)),
    "suspended forgotten": Mutation("jinhua", put(E3=f"{percent(52, 57, 1)}%"), "rate", ("E3",)),
    "suspended forgotten in the total": Mutation(
        "jinhua", put(E10=f"{percent(580, 640, 1)}%"), "rate", ("E10",)
    ),
    "suspended": Mutation("jinhua", put(C9=5), "total", ("C10",)),
    "coverage over 100 %": Mutation("monthly", put(C4=842), "exceeds", ("C4",)),
    "money": Mutation("monthly", put(K10="217.1"), "total", ("K10",)),
    "a dash in place of a rate": Mutation("monthly", put(J5="/"), "rate", ("J5",)),
    "a rate of the other group": Mutation("monthly", put(J10="95.6%"), "rate", ("J10",)),
    "below zero": Mutation("monthly", put(I7=-1), "negative", ("I7",)),
    "a subtotal": Mutation("grouped", put(B5=70), "total", ("B5",)),
    "a subtotal at the end": Mutation("grouped", put(D9=13), "total", ("D9",)),
    "a grand total": Mutation("grouped", put(C10=135), "total", ("C10",)),
    "a town under a subtotal": Mutation("grouped", put(C6=41), "total", ("C9",)),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_false_table_is_refused_and_its_cell_named(name: str, tmp_path: Path) -> None:
    mutation = MUTATIONS[name]
    sheet = mutation.change(TRUE[mutation.table]())
    result = check_file(sheet.workbook(tmp_path), Declared())
    assert not result["ok"]
    named = [f["cell"] for f in result["findings"] if f["reason"] == mutation.reason]
    assert set(mutation.cells) <= set(named), result["findings"]


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_finding_has_words_and_says_what_is_printed(name: str, tmp_path: Path) -> None:
    mutation = MUTATIONS[name]
    sheet = mutation.change(TRUE[mutation.table]())
    for finding in check_file(sheet.workbook(tmp_path), Declared())["findings"]:
        for lang in LANGUAGES:
            assert text(f"outside.reason.{finding['reason']}", lang, **finding["values"])
        if not isinstance(sheet.at(finding["cell"]), Number):
            assert finding["printed"].endswith(str(sheet.at(finding["cell"])))


def _named(found: Checked) -> set[str]:
    return {f.cell for f in found.findings}


def test_only_the_cells_that_a_change_touches_are_named() -> None:
    """A town's count is in its column's total and in the rates of its row, and nowhere else."""
    changed = TRUE["tianmen"]().changed(D8=220)
    assert _named(checked(changed)) == {"D12", "F8"}


def test_one_exchange_is_one_finding_that_says_what_it_explains() -> None:
    swapped = columns(2, 3, 4, 12)(TRUE["tianmen"]())
    (finding,) = checked(swapped).findings
    assert (finding.cell, finding.values["other"]) == ("C3", "D3")
    assert len(finding.explains) >= 9


def test_the_row_that_a_total_lacks_or_has_twice_is_noted() -> None:
    lacking = TRUE["tianmen"]().changed(C12=972 - 57, D12=911 - 53, E12=737 - 42)
    notes = {n.reason: n.values for n in checked(lacking).notes}
    assert notes["left_out"]["row"] == "示例街道"
    twice = TRUE["tianmen"]().changed(C12=972 + 164, D12=911 + 154, E12=737 + 124)
    notes = {n.reason: n.values for n in checked(twice).notes}
    assert notes["counted_twice"]["line"] == "7"


def test_a_column_of_wrong_parts_throughout_is_refused_and_its_real_parts_are_noted() -> None:
    rows = TRUE["tianmen"]().rows
    for row in rows[3:]:
        row[6] = f"{percent(row[4], row[3])}%"
    found = checked(Sheet(rows))
    assert {f"G{n}" for n in range(4, 13)} <= _named(found)
    (note,) = found.notes
    assert (note.reason, note.values["rival"]) == ("rival", "按期整改数 / 已整改数")


def test_another_way_of_rounding_passes_where_it_explains_a_column_and_is_said() -> None:
    rows = TRUE["tianmen"]().rows
    for row in rows[3:]:
        row[5] = f"{10_000 * row[3] // row[2] / 100:.2f}%"  # cut off
    found = checked(Sheet(rows))
    assert found.findings == []
    assert [(n.reason, n.cell) for n in found.notes] == [("rounding_cut", "F3")]
    declared = checked(Sheet(rows), Declared(rounding="half_up"))
    assert declared.findings != []


WHOLE = st.integers(0, 10**6)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Sheet, int]:
    """A true table of whole numbers with totals, and how many count columns it has."""
    width, towns = draw(st.integers(1, 6)), draw(st.integers(2, 9))
    rows = [
        [f"第{n}镇", *draw(st.lists(WHOLE, min_size=width, max_size=width))] for n in range(towns)
    ]
    total = ["合计", *(sum(row[c] for row in rows) for c in range(1, width + 1))]
    head = ["镇街", *(f"事项{c}" for c in range(width))]
    body = [total, *rows] if draw(st.booleans()) else [*rows, total]
    return Sheet([head, *body]), width


@settings(max_examples=150, deadline=None)
@given(tables(), st.data())
def test_a_true_table_passes_and_any_one_figure_changed_is_found(
    made: tuple[Sheet, int], data: st.DataObject
) -> None:
    sheet, width = made
    if any(cell for row in sheet.rows[1:] for cell in row[1:]):
        assert checked(sheet).findings == []
    row = data.draw(st.integers(2, len(sheet.rows)))
    address = f"{letters(data.draw(st.integers(1, width)))}{row}"
    old = sheet.at(address)
    new = data.draw(st.integers(0, 2 * 10**6).filter(lambda n: n != old))
    found = checked(sheet.changed(**{address: new}))
    total = next(n for n, r in enumerate(sheet.rows, 1) if r[0] == "合计")
    assert f"{address[0]}{total}" in _named(found)
