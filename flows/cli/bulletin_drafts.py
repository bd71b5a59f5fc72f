"""`bihuan bulletin list, drafts, sign, refuse, remake`: what is published and what waits."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import lang, say
from schemas.vocabulary import EditionKind
from tasks.rendering.catalogue import text

Kind = Annotated[EditionKind, typer.Option("--kind", help=say("bulletin.kind"))]
Period = Annotated[str, typer.Option("--period", help=say("bulletin.period"), metavar="PERIOD")]
Signer = Annotated[str, typer.Option("--signer", help=say("bulletin.signer"))]
Code = Annotated[str, typer.Option("--code", help=say("act.code"), metavar="CODE")]


def register(app: typer.Typer) -> None:
    """Add these commands to `bihuan bulletin`."""
    app.command(name="list", help=say("bulletin.list.help"))(list_)
    for command in (drafts, sign, refuse, remake):
        app.command(help=say(f"bulletin.{command.__name__}.help"))(command)


def list_(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.publication.reporting import instant
        from tasks.store.editions import published
        from tasks.store.engine import reading

        county = opened()
        with reading(county.engine) as connection:
            found = published(connection, county.code)
        items = [
            {
                "kind": e.kind,
                "period": e.period,
                "edition": e.number,
                "watermark": e.watermark,
                "body_digest": e.body_digest,
                "published_at": instant(e.published_at, county.zone),
                "folder": str(county.home / e.folder),
            }
            for e in found
        ]
        shown = ("kind", "period", "edition", "published_at", "watermark", "body_digest")
        rows = [[_cell(item, key) for key in shown] for item in items]
        s.out.table(say("bulletin.list"), [say(f"column.{key}") for key in shown], rows)
        s.out.answer({"items": items})


def _cell(item: dict[str, Any], key: str) -> object:
    value = item[key]
    if key == "kind":
        return text(f"edition_kind.{value}", lang())
    return value[:12] if key == "body_digest" else value


def drafts(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.signing import pending

        items = [asdict(one) for one in pending(opened())]
        shown = ("kind", "period", "edition", "made_at", "sign_from", "folder")
        rows = [[_cell(item, key) for key in shown] for item in items]
        s.out.table(say("bulletin.drafts"), [say(f"column.{key}") for key in shown], rows)
        s.out.answer({"items": items})


def sign(
    period: Period,
    signer: Signer,
    code: Code,
    kind: Kind = EditionKind.WEEKLY,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.cli.bulletin import show
        from flows.editions import plain_all
        from flows.runtime import moment, opened
        from tasks.signing import sign as signed

        county = opened()
        made = signed(county, _period(county, kind, period), signer, code, moment())
        [result] = plain_all(county, [made])
        show(s.out, result)
        s.out.answer(result)


def refuse(
    period: Period,
    signer: Signer,
    code: Code,
    reason: Annotated[str, typer.Option("--reason", help=say("bulletin.reason"))],
    kind: Kind = EditionKind.WEEKLY,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.signing import refuse as refused

        county = opened()
        one = refused(county, _period(county, kind, period), signer, code, reason, moment())
        s.out.line(say("bulletin.refused", period=one.period, reason=reason), "bold")
        s.out.answer({"kind": one.kind, "period": one.period, "draft": one.number})


def remake(
    edition: Annotated[list[str] | None, typer.Argument(help=say("bulletin.edition"))] = None,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.as_published import differences
        from tasks.explaining import edition_named
        from tasks.store.editions import published
        from tasks.store.engine import reading

        county = opened()
        with reading(county.engine) as connection:
            every = published(connection, county.code)
        chosen = [edition_named(county, name) for name in edition] if edition else every
        items = []
        for one in chosen:
            found = [asdict(d) for d in differences(county, one)]
            items.append({"edition": one.folder, "ok": not found, "differences": found})
            s.out.line(say("bulletin.same" if not found else "bulletin.differs", name=one.folder))
        s.out.answer({"ok": all(item["ok"] for item in items), "items": items})
        if not all(item["ok"] for item in items):
            raise typer.Exit(1)


def _period(county: Any, kind: EditionKind, code: str) -> Any:
    from rules.kinds import period_of

    try:
        return period_of(kind, code, county.zone)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
