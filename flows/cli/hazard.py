"""`bihuan hazard`: one hazard whole, lists of them, what is missing, what people did by hand.

bihuan hazard show inspection:H-000001
bihuan hazard list --town 横河 --overdue
bihuan hazard export overdue.xlsx --overdue
"""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import hazard_options as o
from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import say

app = typer.Typer(help=say("hazard.help"), no_args_is_help=True)

Hazard = Annotated[str, typer.Argument(help=say("act.hazard"))]
File = Annotated[Path, typer.Argument(help=say("hazard.file"), metavar="FILE.xlsx|FILE.csv")]


@app.command(help=say("hazard.show.help"))
def show(
    hazard: Hazard, home: Home = None, now: Now = None, json: Json = False, debug: Debug = False
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.cli.hazard_view import page
        from flows.cli.hazard_words import Names
        from flows.runtime import moment, opened
        from tasks.hazard_file import hazard_file

        county = opened()
        file = hazard_file(county, hazard, moment())
        if file["hazard"] != file["asked"]:
            s.out.line(say("hazard.root_of", asked=hazard, root=file["number"]), "yellow")
        s.out.page(page(file, Names.of(county.organisation)))
        s.out.answer(file)


@app.command("list", help=say("hazard.list.help"))
def list_(
    town: o.Town = "", sector: o.Sector = "", state: o.StateOf = "open",
    severity: o.SeverityOf = "", overdue: o.Overdue = False, listed: o.Listed = False,
    missing: o.Missing = "", unit: o.Unit = "", found_from: o.FoundFrom = "",
    found_to: o.FoundTo = "", limit: o.Limit = 50, home: Home = None, now: Now = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.cli.hazard_tables import items
        from flows.cli.hazard_words import Names
        from flows.runtime import moment, opened
        from tasks.hazard_lists import Request
        from tasks.hazard_lists import listed as asked_for

        request = Request(
            town, sector, state, severity, overdue, listed, missing, unit,
            o.day_or_none(found_from), o.day_or_none(found_to),
        )  # fmt: skip
        county = opened()
        found = asked_for(county, request, moment(), limit)
        s.out.page(items(found, Names.of(county.organisation)))
        s.out.answer(found)


@app.command(help=say("hazard.export.help"))
def export(
    file: File, town: o.Town = "", sector: o.Sector = "", state: o.StateOf = "open",
    severity: o.SeverityOf = "", overdue: o.Overdue = False, listed: o.Listed = False,
    missing: o.Missing = "", unit: o.Unit = "", found_from: o.FoundFrom = "",
    found_to: o.FoundTo = "", lang: o.Language = "zh", home: Home = None, now: Now = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.hazard_export import export as write
        from tasks.hazard_lists import Request

        request = Request(
            town, sector, state, severity, overdue, listed, missing, unit,
            o.day_or_none(found_from), o.day_or_none(found_to),
        )  # fmt: skip
        rows = write(opened(), request, file, moment(), lang)
        s.out.line(say("hazard.exported", n=f"{rows:,}", file=file), "bold")
        s.out.answer({"file": str(file), "rows": rows})


@app.command(help=say("hazard.elements.help"))
def elements(
    town: o.Town = "", limit: o.Limit = 50, home: Home = None, now: Now = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.cli.hazard_tables import completeness
        from flows.cli.hazard_words import Names
        from flows.runtime import moment, opened
        from tasks.hazard_lists import completeness as counted

        county = opened()
        found = counted(county, town, moment(), limit)
        s.out.page(completeness(found, Names.of(county.organisation)))
        s.out.answer(found)


@app.command(help=say("hazard.conflicts.help"))
def conflicts(home: Home = None, now: Now = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.cli.hazard_tables import conflicts as shown
        from flows.cli.hazard_words import Names
        from flows.runtime import moment, opened
        from tasks.hazard_conflicts import conflicts as found_in

        county = opened()
        found = found_in(county, moment())
        s.out.page(shown(found, Names.of(county.organisation)))
        s.out.answer(found)


@app.command(help=say("hazard.register.help"))
def register(
    by: Annotated[str, typer.Option("--by", help=say("hazard.option.by"), metavar="PERSON")] = "",
    first: o.From = "", last: o.To = "",
    everything: Annotated[bool, typer.Option("--all", help=say("hazard.option.all"))] = False,
    home: Home = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    with session(home, json, debug) as s:
        from flows.cli.hazard_tables import register as shown
        from flows.cli.hazard_words import Names
        from flows.runtime import opened
        from tasks.hazard_register import register as read

        county = opened()
        days = o.day_or_none(first), o.day_or_none(last)
        found = read(county, by, *days, everything=everything)
        s.out.page(shown(found, Names.of(county.organisation)))
        s.out.answer(found)
