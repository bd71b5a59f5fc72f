"""`bihuan bulletin`: one edition of one period of any kind; drafts, and who signs them.

bihuan bulletin weekly --week 2025-W10
bihuan bulletin monthly --period 2025-05
bihuan bulletin sign --kind monthly --period 2025-05 --signer 主任李虚构 --code 123456
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli import bulletin_drafts
from flows.cli.bulletin_check import check
from flows.cli.bulletin_compare import compared, required
from flows.cli.options import Debug, Direct, DryRun, Home, Json, Now, week_code
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say
from schemas.vocabulary import EditionKind
from tasks.rendering.catalogue import text

app = typer.Typer(help=say("bulletin.help"), no_args_is_help=True)
Revise = Annotated[bool, typer.Option("--revise", help=say("bulletin.revise"))]
app.command(help=say("bulletin.check.help"))(check)


@app.command(help=say("bulletin.weekly.help"))
def weekly(
    week: Annotated[
        str, typer.Option("--week", help=say("bulletin.week"), callback=week_code, metavar="WEEK")
    ] = "",
    revise: Revise = False,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help=say("compare.policy"), metavar="FILE", show_default=False),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help=say("compare.compare"))] = False,
    weeks: Annotated[int, typer.Option("--weeks", min=1, help=say("compare.weeks"))] = 12,
    dry_run: DryRun = False,
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    required(policy, compare)
    with session(home, json, debug, now=now, direct=direct) as s:
        if policy is not None:
            compared(s.out, policy, weeks, week)
            return
        _publish(s, EditionKind.WEEKLY, week, revise, dry_run)


def _other(kind: EditionKind) -> Callable[..., None]:
    """The command of a kind whose periods are named by --period."""

    def command(
        period: Annotated[
            str, typer.Option("--period", help=say("bulletin.period"), metavar="PERIOD")
        ] = "",
        revise: Revise = False,
        dry_run: DryRun = False,
        home: Home = None,
        now: Now = None,
        direct: Direct = False,
        json: Json = False,
        debug: Debug = False,
    ) -> None:
        _require_period(kind, period)
        with session(home, json, debug, now=now, direct=direct) as s:
            _publish(s, kind, period, revise, dry_run)

    return command


for _kind in EditionKind:
    if _kind is not EditionKind.WEEKLY:
        _name = _kind.value.replace("_", "-")
        app.command(name=_name, help=say(f"bulletin.{_kind.value}.help"))(_other(_kind))
bulletin_drafts.register(app)


def _require_period(kind: EditionKind, period: str) -> None:
    """A code that names no period of the kind is a usage error; a span needs one."""
    from rules.kinds import period_of

    if period or kind is EditionKind.SPAN:
        try:
            period_of(kind, period, "UTC")
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None


def _publish(s: Any, kind: EditionKind, period: str, revise: bool, dry_run: bool) -> None:
    from flows.bulletin import publish_period
    from flows.forms import BulletinForm
    from flows.runtime import moment

    form = BulletinForm(kind=kind, period=period, revise=revise, dry_run=dry_run)
    result = s.run(
        "bulletin",
        form,
        lambda: publish_period(kind, period, moment(), dry_run=dry_run, revise=revise),
    )
    show(s.out, result, dry_run)
    s.out.answer(result)


def show(out: Output, result: dict[str, Any], dry_run: bool = False) -> None:
    """What was published (or would be), the ranking, and where the pages lie."""
    from tasks.rendering import wording

    kind = text(f"edition_kind.{result['kind']}", lang())
    values = {"kind": kind, "period": result["period"], "edition": result["edition"]}
    values |= result["decision"] or {}
    out.line(say(f"bulletin.{_state(result, dry_run)}", **values), "bold")
    rows = [
        [
            wording.group(t["group"], lang()),
            t["rank"],
            t["name"][lang()],
            t["score"] or "/",
            t["last_rank"],
        ]
        for t in result["ranking"]
    ]
    columns = [say(f"column.{c}") for c in ("group", "rank", "town", "score", "last_rank")]
    out.table(say("bulletin.ranking"), columns, rows)
    if result["revision"]:
        show_revision(out, result["revision"])
    for file in result["files"]:
        out.line(f"  {file['path']}")


def _state(result: dict[str, Any], dry_run: bool) -> str:
    if dry_run:
        return "dry"
    if result["state"] == "refused":
        return "draft_refused"
    if result["state"] == "draft":
        return "draft" if result["is_new"] else "draft_known"
    return "new" if result["is_new"] else "known"


def show_revision(out: Output, revision: dict[str, Any]) -> None:
    rows = [
        [m["name"][lang()], m["old_rank"], m["new_rank"], m["old_score"], m["new_score"]]
        for m in revision["moves"]
    ]
    columns = [say(f"column.{c}") for c in ("unit", "old_rank", "new_rank", "old", "new")]
    title = say("bulletin.revision", kind=revision["revision_class"])
    out.table(title, columns, rows)
