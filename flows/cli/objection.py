"""`bihuan objection`: a town contests a cell; it is upheld or refused. `bihuan challenge`: its row.

bihuan objection file 2025-W10 towns.330282104.overdue --by 掌起镇 --evidence "照片 3 张"
bihuan objection uphold objection:1a2b --reason 核实 --decider 主任李虚构 --code 123456
"""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say
from tasks.rendering.catalogue import known, text

app = typer.Typer(help=say("objection.help"), no_args_is_help=True)

Id = Annotated[str, typer.Argument(help=say("objection.id"), metavar="OBJECTION")]
Reason = Annotated[str, typer.Option("--reason", help=say("objection.reason"))]
Decider = Annotated[str, typer.Option("--decider", help=say("objection.decider"))]
Code = Annotated[str, typer.Option("--code", help=say("act.code"), metavar="CODE")]


@app.command(help=say("objection.file.help"))
def file(
    edition: Annotated[str, typer.Argument(help=say("bulletin.edition"), metavar="EDITION")],
    cell: Annotated[str, typer.Argument(help=say("explain.cell"), metavar="CELL")],
    by: Annotated[str, typer.Option("--by", help=say("objection.by"))],
    evidence: Annotated[str, typer.Option("--evidence", help=say("objection.evidence"))],
    item: Annotated[list[str] | None, typer.Option("--item", help=say("objection.item"))] = None,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.objecting import file as filed
        from tasks.publication.reporting import instant

        county = opened()
        made = filed(county, edition, cell, item or [], evidence, by, moment())
        until = instant(made.decide_by, county.zone)
        s.out.line(say("objection.filed", id=made.objection_id, until=until), "bold")
        s.out.answer(asdict(made))


@app.command(name="list", help=say("objection.list.help"))
def list_(home: Home = None, now: Now = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.objecting import listed

        items = listed(opened(), moment())
        shown = (
            *("objection_id", "period", "edition", "cell", "filed_by", "state", "decide_by"),
            "corrected_by",
        )
        rows = [[_cell(item, key) for key in shown] for item in items]
        s.out.table(say("objection.list"), [say(f"column.{key}") for key in shown], rows)
        s.out.answer({"items": items})


def _cell(item: dict[str, Any], key: str) -> object:
    if key == "state":
        return say(f"objection.state.{item[key]}")
    return item[key] or "" if key == "corrected_by" else item[key]


@app.command(help=say("objection.uphold.help"))
def uphold(
    objection: Id,
    reason: Reason,
    decider: Decider,
    code: Code,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.cli.bulletin import show
        from flows.editions import plain_all
        from flows.runtime import moment, opened
        from tasks.objecting import uphold as upheld

        county = opened()
        done = upheld(county, objection, reason, decider, code, moment())
        result = plain_all(county, [done.edition])[0] if done.edition else None
        if result:
            show(s.out, result)
        s.out.answer({**asdict(done.objection), "correction": result})


@app.command(help=say("objection.refuse.help"))
def refuse(
    objection: Id,
    reason: Reason,
    decider: Decider,
    code: Code,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.objecting import refuse as refused

        done = refused(opened(), objection, reason, decider, code, moment())
        s.out.line(say("objection.refused", id=done.objection.objection_id, reason=reason), "bold")
        s.out.answer(asdict(done.objection))


def challenge(
    edition: Annotated[str, typer.Argument(help=say("bulletin.edition"), metavar="EDITION")],
    town: Annotated[str, typer.Argument(help=say("challenge.town"), metavar="TOWN")],
    limit: Annotated[int, typer.Option("--limit", min=0, help=say("explain.limit"))] = 50,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.challenging import challenge as challenged

        found = asdict(challenged(opened(), edition, town))
        _tell(s.out, found, limit)
        s.out.answer(found)


def _tell(out: Output, found: dict[str, Any], limit: int) -> None:
    values = {key: found[key] if found[key] is not None else "/" for key in ("rank", "score")}
    town = f"{found['name'][lang()]} {found['town']}"
    out.line(say("challenge.head", edition=found["edition"], town=town, **values), "bold")
    _table(out, "counted", ("number", "unit_name", "state", "counts_as"), found, limit)
    _table(out, "uncounted", ("number", "kind", "claimed_at", "why", "because"), found, limit)
    _table(out, "refused_rows", ("source", "line", "source_id", "codes"), found, limit)


def _table(
    out: Output, part: str, columns: tuple[str, ...], found: dict[str, Any], limit: int
) -> None:
    items = found[part]
    rows = [[_said(item, column) for column in columns] for item in items[: limit or None]]
    title = say(f"challenge.{part}", n=len(items))
    out.table(title, [say(f"column.{c}") for c in columns], rows)


_KEYS = {"state": "state.", "kind": "fact_kind.", "why": "cli.challenge.why."}


def _said(item: dict[str, Any], column: str) -> object:
    if column == "because":
        return _because(item, lang())
    value = item[column]
    if column == "counts_as":
        return ", ".join(text(f"measure.{m}", lang()) for m in value)
    if column == "codes":
        return ", ".join(value)
    key = f"{_KEYS.get(column, '')}{value}"
    return text(key, lang()) if known(key) else value


def _because(item: dict[str, Any], language: str) -> str:
    reasons = [f"reason.{item['reason']}"] if item["reason"] else []
    keys = [*reasons, *(f"need.{name}" for name in item["missing"])]
    return ", ".join(text(key, language) if known(key) else key.partition(".")[2] for key in keys)
