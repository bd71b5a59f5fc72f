"""`bihuan bulletin weekly`: one edition of one week."""

from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Direct, DryRun, Home, Json, Now, week_code
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say

app = typer.Typer(help=say("bulletin.help"), no_args_is_help=True)


@app.command(help=say("bulletin.weekly.help"))
def weekly(
    week: Annotated[
        str, typer.Option("--week", help=say("bulletin.week"), callback=week_code, metavar="WEEK")
    ] = "",
    revise: Annotated[bool, typer.Option("--revise", help=say("bulletin.revise"))] = False,
    dry_run: DryRun = False,
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now, direct=direct) as s:
        from flows.bulletin import publish_week
        from flows.forms import BulletinForm
        from flows.runtime import moment

        form = BulletinForm(week=week, revise=revise, dry_run=dry_run)
        result = s.run(
            "bulletin",
            form,
            lambda: publish_week(week, moment(), dry_run=dry_run, revise=revise),
        )
        show(s.out, result, dry_run)
        s.out.answer(result)


def show(out: Output, result: dict[str, Any], dry_run: bool = False) -> None:
    """What was published (or would be), the ranking, and where the pages lie."""
    state = "dry" if dry_run else "new" if result["is_new"] else "known"
    out.line(say(f"bulletin.{state}", week=result["period"], edition=result["edition"]), "bold")
    rows = [
        [t["group"], t["rank"], t["name"][lang()], t["score"] or "/", t["last_rank"]]
        for t in result["ranking"]
    ]
    columns = [say(f"column.{c}") for c in ("group", "rank", "town", "score", "last_rank")]
    out.table(say("bulletin.ranking"), columns, rows)
    if result["revision"]:
        show_revision(out, result["revision"])
    for file in result["files"]:
        out.line(f"  {file['path']}")


def show_revision(out: Output, revision: dict[str, Any]) -> None:
    rows = [
        [m["name"][lang()], m["old_rank"], m["new_rank"], m["old_score"], m["new_score"]]
        for m in revision["moves"]
    ]
    columns = [say(f"column.{c}") for c in ("unit", "old_rank", "new_rank", "old", "new")]
    title = say("bulletin.revision", kind=revision["revision_class"])
    out.table(title, columns, rows)
