"""`bihuan collect`: pull the sources, check, take into the ledger."""

from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Direct, Home, Json, Now
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import say

COLUMNS = ("source", "received", "taken", "refused", "known", "appended")


def collect(
    source: Annotated[
        list[str] | None, typer.Option("--source", help=say("collect.source"))
    ] = None,
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now, direct=direct) as s:
        from flows.collect import collect_all
        from flows.forms import CollectForm
        from flows.runtime import moment

        form = CollectForm(sources=source or [])
        result = s.run("collect", form, lambda: collect_all(form, moment()))
        show(s.out, result)
        s.out.answer(result)


def show(out: Output, result: dict[str, Any]) -> None:
    rows = [[r[c] for c in COLUMNS] for r in result["sources"]]
    rows.append([say("total"), *(result[c] for c in COLUMNS[1:])])
    out.table(say("collect.title"), [say(f"column.{c}") for c in COLUMNS], rows)
    for each in result["degraded"]:
        out.warn(say("collect.degraded", source=each["source"], reason=each["reason"]))
