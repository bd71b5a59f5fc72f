"""Native charts of a workbook: scores of ranked units as bars, listed hazards by sector and level.

A chart names the cells it draws, so that it follows what a reader filters or sorts.
"""

from typing import Any

from tasks.rendering.grid import Grid
from tasks.rendering.sheet import BAR, INK, RULE, Book, Page

_LEVELS = ("#A9B7C6", "#3B5B7A", "#A61B1B")  # the higher the level, the stronger
_LINES = {"visible": True, "line": {"color": RULE}}


def bar_charts(book: Book, page: Page, grid: Grid) -> None:
    """Bars of the scores under the table, a chart for each group that has ranked rows."""
    kinds = [c.kind for c in grid.columns]
    names, scores, ranks = kinds.index("name"), kinds.index("score"), kinds.index("rank")
    row, below = page.first_row, page.last_row + 3
    for group, rows in grid.groups:
        ranked = sum(1 for r in rows if r.cells[ranks] is not None)
        if ranked:
            chart = _bar_chart(book, group or grid.title)
            span = (page.title, row, row + ranked - 1)
            chart.add_series(_series(span, names, scores))
            chart.set_size({"width": 720, "height": 90 + 26 * ranked})
            page.sheet.insert_chart(below, 0, chart)
            below += (90 + 26 * ranked) // 20 + 2
        row += len(rows)


def _series(span: tuple[str, int, int], names: int, scores: int) -> dict[str, Any]:
    title, first, last = span
    return {
        "categories": [title, first, names, last, names],
        "values": [title, first, scores, last, scores],
        "fill": {"color": BAR},
        "gap": 45,
        "data_labels": {"value": True, "num_format": "0.00"},
    }


def _bar_chart(book: Book, title: str) -> Any:
    chart = book.workbook.add_chart({"type": "bar"})
    _look(chart, title)
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "max": 100, "major_unit": 20, "major_gridlines": _LINES})
    return chart


def _look(chart: Any, title: str) -> None:
    """Named above, the first row at the top."""
    chart.set_title({"name": title, "name_font": {"size": 12, "color": INK}, "overlay": False})
    chart.set_y_axis({"reverse": True, "line": {"color": RULE}, "major_tick_mark": "none"})


def stacked_chart(book: Book, page: Page, grid: Grid, table: int) -> None:
    """Sectors as bars and levels as their parts, under a table of a total column and row."""
    first, last = page.tables[table]
    sectors = last - first  # without the total
    if sectors < 1:
        return
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    _look(chart, grid.title)
    chart.set_legend({"position": "bottom"})
    for i, column in enumerate(grid.columns[1:-1], 1):
        series = {
            "name": column.title,
            "categories": [page.title, first, 0, last - 1, 0],
            "values": [page.title, first, i, last - 1, i],
            "fill": {"color": _LEVELS[(i - 1) % len(_LEVELS)]},
            "gap": 45,
        }
        chart.add_series(series)
    chart.set_x_axis({"min": 0, "num_format": "0", "major_gridlines": _LINES})
    chart.set_size({"width": 720, "height": 140 + 26 * sectors})
    page.sheet.insert_chart(last + 2, 0, chart)
