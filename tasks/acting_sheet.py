"""A sheet of operator actions: one row, one event on one hazard; all decided together.

The heading names the fields as forms do, in Chinese or English, or as the ledger does: 隐患编号 or
hazard, 事项 or event, and any data fields. Rows that are refused stop no other row.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from schemas.vocabulary import UPDATE_EVENTS
from tasks.acting import Action
from tasks.acting_values import DATA_FIELDS
from tasks.rendering.catalogue import LANGUAGES, text, word
from tasks.sourcing.offering import SampleRefused
from tasks.sourcing.sample import table_of

HAZARD, EVENT = "hazard", "event"


class SheetRefused(Exception):
    """The file is no sheet of actions; the text says what it lacks."""


def actions_of(path: Path) -> list[tuple[int, Action]]:
    """(line as the sender counts, action) of every row. Raises SheetRefused."""
    try:
        rows = table_of(path)
    except SampleRefused as error:
        raise SheetRefused(str(error)) from None
    named = {column: titles().get(str(column).strip(), "") for column in rows.columns}
    unknown = [c for c, name in named.items() if not name and c not in ("line", "_kind")]
    absent = [t for t in (HAZARD, EVENT) if t not in named.values()]
    if unknown or absent:
        raise SheetRefused(
            f"{path.name}: columns {unknown} are unknown and {absent} are missing; columns are"
            f" {HAZARD}, {EVENT} and any of: {', '.join(DATA_FIELDS)}"
        )
    columns = {name: rows[column] for column, name in named.items() if name}
    cells = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [(int(line), _action(row)) for line, row in zip(rows["line"], cells, strict=True)]


def _action(row: Mapping[str, object]) -> Action:
    filled = {k: str(v).strip() for k, v in row.items() if isinstance(v, str) and v.strip()}
    event = filled.pop(EVENT, "")
    return Action(filled.pop(HAZARD, ""), events().get(event, event), filled)


@cache
def titles() -> dict[str, str]:
    """Every spelling of a column → the field it means."""
    fields = (HAZARD, EVENT, *DATA_FIELDS)
    spelled = {text(f"form.act.{f}", lang): f for f in fields for lang in LANGUAGES}
    return spelled | {f: f for f in fields}


@cache
def events() -> dict[str, str]:
    """Every word for an event → the event."""
    return {word(event, lang): event.value for event in UPDATE_EVENTS for lang in LANGUAGES}
