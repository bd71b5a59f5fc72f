"""The page of what waits for a person: one self-contained file, no script, every text escaped.

Promise: the same rows and language give the same bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.grid import Column, Grid, Row
from tasks.rendering.page import rendered

_COLUMNS = ("what", "by", "reason", "since", "until", "decided_by", "name")


def render(county: str, rows: Sequence[Mapping[str, Any]], at: str, lang: str) -> bytes:
    """The page in "zh" or "en", UTF-8. rows: as `tasks.pending.plain`; at: when it was made."""
    heads = tuple(
        Column(text(f"pending.column.{c}", lang), "name" if c == "what" else "text")
        for c in _COLUMNS
    )
    title = text("pending.title", lang, county=county, n=len(rows))
    context = {
        "title": title,
        "made": text("pending.made", lang, at=_short(at)),
        "grid": Grid(title, heads, tuple(_row(row, lang) for row in rows)),
    }
    return rendered("pending.html.j2", context, lang)


def _row(row: Mapping[str, Any], lang: str) -> Row:
    late = text("pending.overdue", lang) if row["is_overdue"] else ""
    shown = {
        **row,
        "since": _short(row["since"]),
        "until": " ".join(filter(None, [_short(row["until"]), late])),
        "decided_by": text(f"operator_role.{row['decided_by']}", lang),
    }
    return Row(tuple(wording.scrubbed(str(shown[c])) for c in _COLUMNS))


def _short(at: str) -> str:
    """An instant to the minute, without its zone: the county's own clock."""
    return at[:16].replace("T", " ")
