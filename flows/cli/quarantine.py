"""`bihuan quarantine`: refused rows, workbooks for their senders, the validation page."""

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.session import session
from flows.cli.words import say

app = typer.Typer(help=say("quarantine.help"), no_args_is_help=True)

Source = Annotated[str, typer.Option("--source", help=say("quarantine.source"))]
Submission = Annotated[str, typer.Option("--submission", help=say("quarantine.submission"))]
Out = Annotated[
    Path | None,
    typer.Option("--out", help=say("quarantine.out"), metavar="DIR", show_default=False),
]
COLUMNS = ("source", "unit_code", "period", "delivery", "rows", "codes")


def _language(value: str) -> str:
    if value not in ("zh", "en"):
        raise typer.BadParameter(say("quarantine.lang"))
    return value


@app.command("list", help=say("quarantine.list.help"))
def listed(
    source: Source = "",
    submission: Submission = "",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.rejecting import refusals

        found = refusals(opened(), source, submission)
        columns = [say(f"column.{c}") for c in COLUMNS]
        rows = [
            [r.source, r.reporting_unit, r.period, r.delivery[:12], r.rows, _codes(r.codes)]
            for r in found
        ]
        if found:
            s.out.table(say("quarantine.title"), columns, rows)
        else:
            s.out.line(say("quarantine.none"))
        deliveries = [vars(r) for r in found]
        s.out.answer({"rows": sum(r.rows for r in found), "deliveries": deliveries})


def _codes(codes: dict[str, int]) -> str:
    return ", ".join(f"{code} {rows}" for code, rows in codes.items())


@app.command(help=say("quarantine.export.help"))
def export(
    source: Source = "",
    submission: Submission = "",
    out: Out = None,
    lang: Annotated[
        str, typer.Option("--lang", help=say("quarantine.lang"), callback=_language)
    ] = "zh",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks import rejecting

        show(s.out, rejecting.export(opened(), out, lang, source, submission))


@app.command(help=say("quarantine.page.help"))
def page(
    lang: Annotated[
        str, typer.Option("--lang", help=say("quarantine.lang"), callback=_language)
    ] = "zh",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks import validation

        show(s.out, [validation.write(opened(), lang)])


def show(out: Any, written: list[Path]) -> None:
    out.line(say("quarantine.written", n=len(written)), "bold")
    for path in written:
        out.line(f"  {path}")
    out.answer({"files": [str(path) for path in written]})
