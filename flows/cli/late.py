"""`bihuan late`: a late submission and the corrections it makes."""

from typing import Annotated, Any

import typer

from flows.cli import bulletin
from flows.cli.options import Debug, Direct, DryRun, Home, Json, Now, day
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import say


def late(
    date: Annotated[list[str], typer.Option("--date", help=say("late.date"), metavar="YYYY-MM-DD")],
    source: Annotated[list[str] | None, typer.Option("--source", help=say("late.source"))] = None,
    dry_run: DryRun = False,
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    days, sources = [day(d) for d in date], source or ["grid"]
    with session(home, json, debug, now=now, direct=direct) as s:
        from flows.forms import LateForm
        from flows.late import take_late
        from flows.runtime import moment

        form = LateForm(days=days, sources=sources, dry_run=dry_run)
        result = s.run("late", form, lambda: take_late(days, sources, moment(), dry_run))
        show(s.out, result, dry_run)
        s.out.answer(result)


def show(out: Output, result: dict[str, Any], dry_run: bool) -> None:
    taken = {key: result["collected"][key] for key in ("received", "taken", "refused", "known")}
    out.line(say("late.collected", **taken))
    for edition in result["editions"]:
        bulletin.show(out, edition, dry_run)
