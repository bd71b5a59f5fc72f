"""`bihuan explain EDITION CELL`: the items behind a printed figure.

bihuan explain 2025-W10 towns.330282104.period.all.overdue
bihuan explain monthly/2025-05/1 total.period.all.rectification
bihuan explain statutory/2025-05 statutory.towns.330282104.major_found
"""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import say

_HAZARD = ("number", "unit_name", "category", "state", "found_on", "due_on", "at", "value")
_DUTY = ("unit_name", "category", "place", "window", "value")
_PLACE = ("unit_name", "category", "place", "value")
_SUBMISSION = ("source", "unit_name", "due_at", "received_at", "value")
_DELIVERY = ("source", "unit", "period", "received_at", "delivery", "value")
_SHAPES = (_HAZARD, _DUTY, _PLACE, _SUBMISSION, _DELIVERY)


def explain(
    edition: Annotated[str, typer.Argument(help=say("bulletin.edition"), metavar="EDITION")],
    cell: Annotated[str, typer.Argument(help=say("explain.cell"), metavar="CELL")],
    limit: Annotated[int, typer.Option("--limit", min=0, help=say("explain.limit"))] = 50,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.explaining import explain as explained

        found = asdict(explained(opened(), edition, cell))
        _tell(s.out, found, limit)
        s.out.answer(found)


def _tell(out: Output, found: dict[str, Any], limit: int) -> None:
    values = {key: found[key] for key in ("edition", "cell", "printed")}
    out.line(say("explain.head", **values), "bold")
    for behind in found["counts"]:
        same = behind["sum"] == behind["printed"]
        values = {"cell": behind["cell"], "printed": behind["printed"], "sum": behind["sum"]}
        out.line(say("explain.agrees" if same else "explain.differs", **values))
        items = behind["items"]
        if not items:
            continue
        shown = next(c for c in _SHAPES if items[0].keys() >= set(c))
        rows = [[item[key] for key in shown] for item in items[: limit or None]]
        out.table(behind["cell"], [say(f"column.{key}") for key in shown], rows)
        if limit and len(items) > limit:
            out.line(say("explain.more", n=len(items) - limit))
