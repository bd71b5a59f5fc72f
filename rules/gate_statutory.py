"""The gate's own path through the statutory monthly table; shares no code with rules.statutory.

Every row from its own parts, the county from its towns and from its sectors, and the table from
what the rest of the edition prints: hazards found and closed of them, listed hazards by town.
"""

from collections import Counter
from collections.abc import Iterator

from rules.gate_refusal import Refusal, differ
from schemas.edition import Body, Statutory, StatutoryRow, Unit

PARTS = (
    ("units_checked", "units_due"),
    ("general_closed", "general_found"),
    ("major_closed", "major_found"),
    ("five", "in_plan"),
)
PERCENT = {
    "coverage": ("units_checked", "units_due"),
    "general_rate": ("general_closed", "general_found"),
    "major_rate": ("major_closed", "major_found"),
}
LEVELS = ("province", "city", "county")
PLACES = ("units_due", "units_checked")
MEASURES = (
    *(measure for pair in PARTS for measure in pair),
    *("funds_fen", "listed", *(f"listed_{level}" for level in LEVELS)),
)
_KINDS = ("towns", "sectors")
WITH_TABLE = ("monthly", "statutory")


def check_statutory(body: Body) -> Iterator[Refusal]:
    """Every cell of the table that cannot be true."""
    if "statutory" not in body:
        if body["kind"] in WITH_TABLE:
            yield Refusal("statutory", "missing_figure", "the statutory table", "nothing")
        return
    table = body["statutory"]
    broken = list(_incomplete(body, table))
    if broken:
        yield from broken
        return
    for cell, row in _rows(table):
        yield from _row(cell, row)
    yield from _sums(table)
    yield from _other_table(body, table)


def _rows(table: Statutory) -> Iterator[tuple[str, StatutoryRow]]:
    yield "statutory.total", table["total"]
    for row in table["towns"]:
        yield f"statutory.towns.{row['code']}", row
    for row in table["sectors"]:
        yield f"statutory.sectors.{row['code']}", row


def _incomplete(body: Body, table: Statutory) -> Iterator[Refusal]:
    """The rows of the edition, in its order, each with every figure."""
    pairs = (
        ("towns", body["towns"], table["towns"]),
        ("sectors", body["sectors"], table["sectors"]),
    )
    for kind, units, rows in pairs:
        expected, found = ([one["code"] for one in many] for many in (units, rows))
        if sorted(expected) != sorted(found):
            yield Refusal(f"statutory.{kind}", "missing_figure", str(expected), str(found))
    for cell, row in _rows(table):
        for name in (*MEASURES, *PERCENT):
            if name not in row["counts"] and name not in row["rates"]:
                yield Refusal(f"{cell}.{name}", "missing_figure", "a figure", "nothing")


def _row(cell: str, row: StatutoryRow) -> Iterator[Refusal]:
    counts = row["counts"]
    for measure, count in counts.items():
        if count < 0:
            yield Refusal(f"{cell}.{measure}", "negative", "0 or more", str(count))
    for part, whole in PARTS:
        if counts[part] > counts[whole]:
            limit = f"at most {counts[whole]} ({whole})"
            yield Refusal(f"{cell}.{part}", "part_exceeds_whole", limit, str(counts[part]))
    left = counts["major_found"] - counts["major_closed"]
    yield from differ(f"{cell}.in_plan", "sum_of_parts", left, counts["in_plan"])
    listed = sum(counts[f"listed_{level}"] for level in LEVELS)
    yield from differ(f"{cell}.listed", "sum_of_parts", listed, counts["listed"])
    for name, (part, whole) in PERCENT.items():
        made = _one_decimal(100 * counts[part], counts[whole])
        yield from differ(f"{cell}.{name}", "rate_value", made, row["rates"][name])
    funds = _one_decimal(counts["funds_fen"], 1_000_000)
    yield from differ(f"{cell}.funds", "rate_value", funds, row["funds"])


def _one_decimal(above: int, below: int) -> str:
    """Half up, by whole numbers alone."""
    if below == 0:
        return "/"
    tenths = (20 * above + below) // (2 * below)
    return f"{tenths // 10}.{tenths % 10}"


def _sums(table: Statutory) -> Iterator[Refusal]:
    total = table["total"]["counts"]
    for measure in dict.fromkeys(MEASURES):
        towns = sum(row["counts"][measure] for row in table["towns"])
        sectors = sum(row["counts"][measure] for row in table["sectors"])
        cell = f"statutory.total.{measure}"
        yield from differ(cell, "sum_of_towns", towns, total[measure])
        if measure in PLACES and sectors < total[measure]:
            continue  # a place may have no sector
        yield from differ(cell, "sum_of_sectors", sectors, total[measure])


def _other_table(body: Body, table: Statutory) -> Iterator[Refusal]:
    yield from _as_counted("statutory.total", table["total"], body["total"])
    for kind in _KINDS:
        units = {unit["code"]: unit for unit in body[kind]}  # type: ignore[literal-required]
        for row in table[kind]:  # type: ignore[literal-required]
            yield from _as_counted(f"statutory.{kind}.{row['code']}", row, units[row["code"]])
    listed = Counter((item["town"], item["level"]) for item in body["listed"])
    for row in table["towns"]:
        for level in LEVELS:
            cell = f"statutory.towns.{row['code']}.listed_{level}"
            own = row["counts"][f"listed_{level}"]
            yield from differ(cell, "other_table", listed[row["code"], level], own)


def _as_counted(cell: str, row: StatutoryRow, unit: Unit) -> Iterator[Refusal]:
    """Found, and closed of them, whatever their severity."""
    counted = unit["counts"]["period"]["all"]
    for measure, printed in (("found", "found"), ("closed", "found_closed")):
        both = row["counts"][f"general_{measure}"] + row["counts"][f"major_{measure}"]
        yield from differ(f"{cell}.{measure}", "other_table", counted[printed], both)
