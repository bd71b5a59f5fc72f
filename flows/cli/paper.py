"""`bihuan paper`: the official papers of listed supervision, as Word files.

bihuan paper notice 330282-county-2025-001 --out notice.docx
bihuan paper slip inspection:H-000001 --what … --requirement … --out slip.docx
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import lang, say

app = typer.Typer(help=say("paper.help"), no_args_is_help=True)

Key = Annotated[str, typer.Argument(help=say("listing.key"))]
Hazard = Annotated[str, typer.Argument(help=say("act.hazard"))]
Out = Annotated[Path, typer.Option("--out", help=say("paper.out"), dir_okay=False)]
Red = Annotated[bool, typer.Option("--red-head", help=say("paper.red_head"))]
What = Annotated[str, typer.Option("--what", help=say("paper.what"))]
Requirement = Annotated[str, typer.Option("--requirement", help=say("paper.requirement"))]


@app.command(help=say("paper.notice.help"))
def notice(
    key: Key, out: Out, red_head: Red = False, home: Home = None, now: Now = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    _write(_of_listing("notice", key), out, red_head, home, now, json, debug)


@app.command(help=say("paper.extension.help"))
def extension(
    key: Key, out: Out, red_head: Red = False, home: Home = None, now: Now = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    _write(_of_listing("extension", key), out, red_head, home, now, json, debug)


@app.command(help=say("paper.acceptance.help"))
def acceptance(
    key: Key, out: Out, red_head: Red = False, home: Home = None, now: Now = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    _write(_of_listing("acceptance", key), out, red_head, home, now, json, debug)


@app.command(help=say("paper.slip.help"))
def slip(
    hazard: Hazard, out: Out, requirement: Requirement, what: What = "", red_head: Red = False,
    home: Home = None, now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    def form(county: Any, at: int) -> Any:
        from tasks.papers_hazard import slip as made

        return made(county, hazard, lang(), at, what=what, requirement=requirement)

    _write(form, out, red_head, home, now, json, debug)


@app.command(help=say("paper.report.help"))
def report(
    hazard: Hazard, out: Out, home: Home = None, now: Now = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    def form(county: Any, at: int) -> Any:
        from tasks.papers_hazard import report as made

        return made(county, hazard, lang(), at)

    _write(form, out, False, home, now, json, debug)


@app.command(help=say("paper.letter.help"))
def letter(
    key: Annotated[str, typer.Argument(help=say("paper.digest"))],
    out: Out, requirement: Requirement = "", red_head: Red = False,
    home: Home = None, now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    def form(county: Any, at: int) -> Any:
        from tasks.papers_hazard import letter as made

        return made(county, key, lang(), at, requirement)

    _write(form, out, red_head, home, now, json, debug)


Form = Callable[[Any, int], Any]


def _of_listing(kind: str, key: str) -> Form:
    def form(county: Any, at: int) -> Any:
        from tasks import papers_listing

        return getattr(papers_listing, kind)(county, key, lang())

    return form


def _write(
    form: Form, out: Path, red_head: bool, home: Home, now: Now, json: bool, debug: bool
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.rendering.forms import render

        county, at = opened(), moment()
        out.write_bytes(render(form(county, at), lang(), made_at=at, red_head=red_head))
        s.out.line(say("paper.written", file=out), "bold")
        s.out.answer({"file": str(out)})
