"""The statutory monthly table: by town and by sector, the county at the foot of each."""

from schemas.edition import Body, StatutoryRow
from tasks.rendering.catalogue import name, text
from tasks.rendering.grid import Column, Grid, Kind, Row, Value

# (heading that columns share, column, kind)
COLUMNS: tuple[tuple[str, str, Kind], ...] = (
    ("units", "units_due", "count"),
    ("units", "units_checked", "count"),
    ("units", "coverage", "tenth"),
    ("general", "general_found", "count"),
    ("general", "general_closed", "count"),
    ("general", "general_rate", "tenth"),
    ("major", "major_found", "count"),
    ("major", "major_closed", "count"),
    ("major", "major_rate", "tenth"),
    ("plan", "in_plan", "count"),
    ("plan", "five", "count"),
    ("listed", "listed", "count"),
    ("listed", "listed_province", "count"),
    ("listed", "listed_city", "count"),
    ("listed", "listed_county", "count"),
    ("funds", "funds", "tenth"),
)


def tables(body: Body, lang: str) -> list[Grid]:
    """By town, by sector; nothing where the edition has no such table."""
    if "statutory" not in body:
        return []
    table = body["statutory"]
    whole = _row(text("column.total", lang), table["total"], is_total=True)
    return [
        _grid("towns", "town", [*_rows(table["towns"], lang), whole], lang),
        _grid("sectors", "sector", [*_rows(table["sectors"], lang), whole], lang),
    ]


def value(row: StatutoryRow, column: str) -> Value:
    """A figure of the table by its name."""
    if column == "funds":
        return row["funds"]
    return row["counts"][column] if column in row["counts"] else row["rates"][column]


def _grid(key: str, head: str, rows: list[Row], lang: str) -> Grid:
    columns = [
        Column(text(f"statutory.{column}", lang), kind, text(f"statutory.over.{over}", lang))
        for over, column, kind in COLUMNS
    ]
    lead = Column(text(f"column.{head}", lang), "name")
    return Grid(text(f"table.statutory.{key}", lang), (lead, *columns), tuple(rows))


def _rows(rows: list[StatutoryRow], lang: str) -> list[Row]:
    return [_row(name(row["name"], lang), row) for row in rows]


def _row(said: str, row: StatutoryRow, *, is_total: bool = False) -> Row:
    cells = [value(row, column) for _, column, _ in COLUMNS]
    return Row((said, *cells), is_total=is_total)
