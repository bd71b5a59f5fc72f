"""`bihuan province`: a province's edition from county editions alone, and its proof.

bihuan province bulletin --period 2025-W10 --home PROVINCE
bihuan province verify --home PROVINCE
"""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, DryRun, Home, Json
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say
from schemas.vocabulary import EditionKind
from tasks.rendering.catalogue import name, text

app = typer.Typer(help=say("province.help"), no_args_is_help=True)


@app.command(help=say("province.bulletin.help"))
def bulletin(
    period: Annotated[str, typer.Option("--period", help=say("province.period"))],
    kind: Annotated[
        EditionKind, typer.Option("--kind", help=say("province.kind"))
    ] = EditionKind.WEEKLY,
    dry_run: DryRun = False,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    _require_period(kind, period)
    with session(home, json, debug) as s:
        from rules.kinds import period_of
        from tasks.province.publishing import publish
        from tasks.province.reading import declaration

        zone = declaration(s.settings.home).zone
        report = publish(s.settings.home, period_of(kind, period, zone), dry_run=dry_run)
        body: Any = report.edition_doc["body"]
        state = "dry" if dry_run else "new" if report.is_new else "known"
        _show(s.out, state, report, body)
        answer = {k: v for k, v in asdict(report).items() if k != "edition_doc"}
        rows = [
            {k: c[k] for k in ("code", "name", "group", "rank", "score", "origin")}
            for c in body["counties"]
        ]
        beside = {k: body[k] for k in ("missing", "not_summed")}
        revision = report.edition_doc.get("revision")
        s.out.answer({"ok": True, **answer, "ranking": rows, **beside, "revision": revision})


def _require_period(kind: EditionKind, period: str) -> None:
    from rules.kinds import period_of

    try:
        period_of(kind, period, "UTC")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _show(out: Output, state: str, report: Any, body: Any) -> None:
    values = {"period": report.period, "edition": report.edition, "n": len(body["counties"])}
    out.line(say(f"province.{state}", **values), "bold")
    if body["missing"]:
        absent = ", ".join(name(m["name"], lang()) for m in body["missing"])
        out.warn(say("province.missing", counties=absent))
    order = sorted(body["counties"], key=lambda c: (c["group"], c["rank"] or 10**6, c["code"]))
    rows = [
        [name(c["name"], lang()), c["rank"], c["score"] or "/", c["origin"]["edition"]]
        for c in order
    ]
    heads = ("province.column.county", "column.rank", "column.score", "province.column.edition")
    out.table(say("province.ranking"), [say(h) for h in heads], rows)
    for file in report.files:
        out.line(f"  {file['path']}")


@app.command(help=say("province.verify.help"))
def verify(
    kind: Annotated[
        EditionKind | None,
        typer.Option("--kind", help=say("province.only_kind"), show_default=False),
    ] = None,
    period: Annotated[str, typer.Option("--period", help=say("province.only_period"))] = "",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from tasks.province.verifying import verify as verified

        found = verified(s.settings.home, kind.value if kind else "", period)
        key = "province.verified" if found.ok else "province.not_verified"
        s.out.line(say(key, n=found.issues, faults=len(found.faults)), "bold")
        for fault in found.faults:
            why = text(f"province.fault.{fault.reason}", lang())
            values = {"issue": fault.issue, "county": fault.county, "what": fault.what}
            s.out.warn(say("province.fault", why=why, **values))
        for one in found.stale:
            s.out.line(say("province.stale", **one))
        s.out.answer(asdict(found))
        if not found.ok:
            raise typer.Exit(1)
