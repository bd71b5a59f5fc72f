"""`bihuan listing`: listed supervision 挂牌督办: what stands, what is owed, and its steps.

bihuan listing list
bihuan listing step 330282-county-2025-001 plan_filed --set plan_reference=… --actor 张三 --apply
"""

import getpass
from dataclasses import asdict
from typing import Annotated, Any

import typer

from flows.cli.act import show_missing
from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import lang, say

app = typer.Typer(help=say("listing.help"), no_args_is_help=True)

Key = Annotated[str, typer.Argument(help=say("listing.key"))]
Given = Annotated[list[str] | None, typer.Option("--set", "--data", help=say("listing.set"))]
Actor = Annotated[str, typer.Option("--actor", help=say("act.actor"))]
Code = Annotated[str, typer.Option("--code", help=say("act.code"))]
Apply = Annotated[bool, typer.Option("--apply", help=say("act.apply"))]


@app.command(name="list", help=say("listing.list.help"))
def list_(home: Home = None, now: Now = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.listing_file import overview

        found = overview(opened(), moment())
        names = ("number", "level", "unit", "state", "due_on", "next_duty", "next_due_on")
        rows = [_row(line) for line in found["listings"]]
        s.out.table(say("listing.title"), [say(f"column.{n}") for n in names], rows)
        s.out.line(say("listing.unlisted", count=len(found["unlisted"])))
        s.out.answer(found)


def _row(line: dict[str, Any]) -> list[object]:
    duty = say(f"duty.{line['next_duty']}") if line["next_duty"] else ""
    late = say("listing.late") if line["is_late"] else ""
    return [
        line["number"] or line["listing_id"],
        _word("listing_level", line["level"]),
        line["unit_name"],
        _word("listing_state", line["state"]),
        line["due_on"],
        duty,
        f"{line['next_due_on']} {late}".strip(),
    ]


def _word(kind: str, name: str) -> str:
    from tasks.rendering.catalogue import text

    return text(f"{kind}.{name}", lang())


@app.command(help=say("listing.show.help"))
def show(
    key: Key, home: Home = None, now: Now = None, json: Json = False, debug: Debug = False
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.listing_file import shown

        found = shown(opened(), key, moment())
        line = found["listing"]
        s.out.line(f"{line['number'] or line['listing_id']}  {line['unit_name']}", "bold")
        s.out.line(say("listing.line", state=_word("listing_state", line["state"]), **_about(line)))
        steps = [
            [e["at"], _word("listing_step", e["step"]), e["actor"], e["second_person"]]
            for e in found["steps"]
        ]
        columns = [say(f"column.{n}") for n in ("at", "step", "actor", "second_person")]
        s.out.table(say("listing.steps"), columns, steps)
        duties = [
            [say(f"duty.{d['duty']}"), d["due_on"], d["done"], say("listing.late") * d["is_late"]]
            for d in found["duties"]
        ]
        columns = [say(f"column.{n}") for n in ("duty", "due_on", "done", "late")]
        s.out.table(say("listing.duties"), columns, duties)
        s.out.answer(found)


def _about(line: dict[str, Any]) -> dict[str, Any]:
    level = _word("listing_level", line["level"])
    return {"level": level, "due": line["due_on"], "count": len(line["hazards"])}


@app.command(help=say("listing.propose.help"))
def propose(
    hazards: Annotated[list[str], typer.Argument(help=say("act.hazard"))],
    level: Annotated[str, typer.Option("--level", help=say("listing.level"))],
    reason: Annotated[str, typer.Option("--reason", help=say("listing.reason"))],
    actor: Actor = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.listing_file import propose as do

        who, at = actor or getpass.getuser(), moment()
        made = do(opened(), hazards, _level(level), reason=reason, actor=who, now=at)
        s.out.line(say("listing.proposed", listing=made), "bold")
        s.out.answer({"listing": made})


def _level(word: str) -> Any:
    from tasks.listing_values import NotUnderstood, level_named

    try:
        return level_named(word)
    except NotUnderstood as error:
        raise typer.BadParameter(error.said(lang())) from None


@app.command(help=say("listing.step.help"))
def step(
    key: Key,
    name: Annotated[str, typer.Argument(help=say("listing.step"), metavar="STEP")],
    given: Given = None,
    actor: Actor = "",
    code: Code = "",
    apply: Apply = False,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.listing_steps import advance
        from tasks.listing_values import NotUnderstood, said_of, step_named

        county, at = opened(), moment()
        try:
            made, said = step_named(name), said_of(county, dict(_pairs(given or [])), at)
        except NotUnderstood as error:
            raise typer.BadParameter(error.said(lang())) from None
        who = actor or getpass.getuser()
        done = advance(county, key, made, said, actor=who, now=at, code=code, dry_run=not apply)
        result = asdict(done)
        words = {"listing": done.number or done.listing, "step": _word("listing_step", done.step)}
        outcome = ("done" if apply else "would") if done.ok else "no"
        s.out.line(say(f"listing.{outcome}", **words, why=show_missing(result)), "bold")
        s.out.answer(result)
        if not done.ok:
            raise typer.Exit(1)


def _pairs(given: list[str]) -> list[tuple[str, str]]:
    for pair in given:
        if "=" not in pair:
            raise typer.BadParameter(say("listing.bad_set", pair=pair))
    return [(name, value) for name, _, value in (pair.partition("=") for pair in given)]
