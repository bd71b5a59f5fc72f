"""`bihuan backfill`: years of history, county by county.

bihuan backfill --home HOME
bihuan backfill --home PROVINCE --workers 4 --dry-run
"""

from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Direct, DryRun, Home, Json, Now, day
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say
from schemas.vocabulary import EditionKind

COLUMNS = ("name", "due", "published", "corrected", "drafts", "kept")


def _day(value: str) -> str:
    return day(value).isoformat() if value else ""


def _recurring(values: list[EditionKind] | None) -> list[EditionKind]:
    from flows.choices import RECURRING

    for kind in values or ():
        if kind not in RECURRING:
            raise typer.BadParameter(say("backfill.no_past", kind=kind.value))
    return values or []


def backfill(
    county: Annotated[
        list[str] | None, typer.Option("--county", help=say("backfill.county"), metavar="CODE")
    ] = None,
    kind: Annotated[
        list[EditionKind] | None,
        typer.Option("--kind", help=say("backfill.kind"), callback=_recurring),
    ] = None,
    since: Annotated[
        str, typer.Option("--since", help=say("backfill.since"), callback=_day, metavar="DAY")
    ] = "",
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=256, help=say("backfill.workers"))
    ] = 1,
    revise: Annotated[bool, typer.Option("--revise", help=say("backfill.revise"))] = False,
    dry_run: DryRun = False,
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now, direct=direct) as s:
        from flows.backfill import backfill_all
        from flows.forms import BackfillForm

        form = BackfillForm(
            counties=county or [],
            kinds=kind or [],
            since=since,
            revise=revise,
            workers=workers,
            dry_run=dry_run,
        )
        result = s.run("backfill", form, lambda: backfill_all(form, lang()))
        show(s.out, result, dry_run)
        s.out.answer(result)
        if not result["ok"]:
            raise typer.Exit(1)


def show(out: Output, result: dict[str, Any], dry_run: bool) -> None:
    """A line per county, what is missing of each, and why one is not done."""
    from flows.backfill import problems

    how = result["how"]
    if how["without_extra"]:
        out.warn(say(f"backfill.without.{how['way']}", workers=how["workers"]))
    found = result["counties"]
    rows = [[_called(one), *(one[c] for c in COLUMNS[1:])] for one in found]
    rows.append([say("total"), *(sum(one[c] for one in found) for c in COLUMNS[1:])])
    out.table(say("backfill.title"), [say(f"backfill.column.{c}") for c in COLUMNS], rows)
    for one in found:
        if dry_run:
            shown = ", ".join(one["missing"][:5]) + (" …" if len(one["missing"]) > 5 else "")
            words = {"county": _called(one), "n": len(one["missing"]), "some": shown or "-"}
            out.line(say("backfill.missing" if one["due"] else "backfill.empty", **words))
        for problem in problems(one):
            out.warn(say("backfill.problem", county=_called(one), reason=problem))


def _called(one: dict[str, Any]) -> str:
    return one["name"].get(lang()) or one["county"] or one["home"]
