"""One edition as a short Markdown text for a run's artifact: key figures and the ranking of towns.

Data are escaped, so a name cannot become a link, a heading or a table cell; rows are capped.
"""

from schemas.edition import Edition
from tasks.rendering import annexes, corrections, heading, ranking, wording
from tasks.rendering.catalogue import text
from tasks.rendering.grid import NUMERIC, Grid, Kind, Row, Value

MAX_ROWS = 40
_SPECIAL = frozenset("\\`*_[]<>&|~@/.")  # "/", "." and "@": addresses link themselves


def render_summary(edition: Edition, lang: str) -> str:
    """A heading, who and when, the week in one sentence, the ranking of towns, who is missing."""
    clean: Edition = wording.scrubbed(edition)
    body = clean["body"]
    parts = [
        *_opening(clean, lang),
        table(ranking.flattened(ranking.ranking(body, "towns", lang), lang), lang),
        *_silent(clean, lang),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(edition: Edition, lang: str) -> list[str]:
    body = edition["body"]
    period, issue, *_ = heading.issue(edition, lang)
    first = f"# {escaped(heading.title(body, lang))} {period} {issue}"
    week = body["total"]["counts"]["period"]["all"]
    lines = [first, text("summary.line", lang, **{k: f"{n:,}" for k, n in week.items()})]
    if body["fictitious"]:
        lines.insert(1, f"> **{text('fictitious.title', lang)}** {text('fictitious.text', lang)}")
    if "revision" in edition:
        lines.append(escaped(corrections.lead(edition, lang)))
    return lines


def _silent(edition: Edition, lang: str) -> list[str]:
    grid = annexes.missing(edition["body"], lang)
    return [f"**{grid.title}**\n\n{table(grid, lang)}"] if grid.rows else []


def table(grid: Grid, lang: str) -> str:
    """A Markdown table of at most MAX_ROWS rows; says how many it left out."""
    heads = " | ".join(escaped(c.title) for c in grid.columns)
    rules = " | ".join("---:" if c.kind in NUMERIC else "---" for c in grid.columns)
    lines = [f"| {heads} |", f"| {rules} |"]
    lines += [f"| {_line(grid, row, lang)} |" for row in grid.rows[:MAX_ROWS]]
    if len(grid.rows) > MAX_ROWS:
        lines.append("\n" + text("summary.more", lang, n=len(grid.rows) - MAX_ROWS))
    return "\n".join(lines)


def _line(grid: Grid, row: Row, lang: str) -> str:
    return " | ".join(_cell(kind, value, lang) for _, kind, value in grid.cells(row))


def _cell(kind: Kind, value: Value, lang: str) -> str:
    if value is None:
        return text("bulletin.empty_cell", lang)
    if isinstance(value, int):
        return wording.arrow(value, lang) if kind == "movement" else f"{value:,}"
    if kind == "percent":
        return wording.percent(value)
    return value if kind in NUMERIC else escaped(value)


def escaped(words: str) -> str:
    """Text that Markdown and HTML print as it is, on one line."""
    return "".join(f"&#{ord(c)};" if c in _SPECIAL else c for c in " ".join(words.split()))
