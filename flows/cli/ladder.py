"""`bihuan ladder`: what the ladder proposes, and a person's word on it.

bihuan ladder list
bihuan ladder confirm ladder:2025-03-17:warn:… --reason … --actor 张三
"""

import getpass
from dataclasses import asdict
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import lang, say

app = typer.Typer(help=say("ladder.help"), no_args_is_help=True)

Key = Annotated[str, typer.Argument(help=say("ladder.key"))]
Reason = Annotated[str, typer.Option("--reason", help=say("ladder.reason"))]
Actor = Annotated[str, typer.Option("--actor", help=say("act.actor"))]


@app.command(name="list", help=say("ladder.list.help"))
def list_(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.climbing import proposals
        from tasks.rendering.catalogue import text

        county = opened()
        found, names = proposals(county), _names(county)
        rows = [
            [p["day"], text(f"rung.{p['rung']}", lang()), names.get(p["recipient"], p["recipient"]),
             len(p["items"]), p["still_open"], p["key"]]
            for p in found
        ]  # fmt: skip
        columns = ("day", "rung", "recipient", "items", "still_open", "key")
        s.out.table(say("ladder.title"), [say(f"column.{n}") for n in columns], rows)
        s.out.answer({"proposals": found})


def _names(county: Any) -> dict[str, str]:
    """What towns, sectors and leaders are called who are told of a proposal."""
    units = county.organisation
    towns = {f"town:{t.code}": t.name for t in units.towns}
    sectors = {f"sector:{s.code}": s.name for s in units.sectors}
    named = {key: getattr(name, lang()) for key, name in (towns | sectors).items()}
    return {**named, "leader": say("ladder.leader")}


@app.command(help=say("ladder.confirm.help"))
def confirm(
    key: Key, reason: Reason, actor: Actor = "", home: Home = None,
    now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    _decide(True, key, reason, actor, home, now, json, debug)


@app.command(help=say("ladder.drop.help"))
def drop(
    key: Key, reason: Reason, actor: Actor = "", home: Home = None,
    now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    _decide(False, key, reason, actor, home, now, json, debug)


def _decide(
    yes: bool, key: str, reason: str, actor: str,
    home: Home, now: Now, json: bool, debug: bool,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.climbing import decide

        who = actor or getpass.getuser()
        done = decide(opened(), key, confirm=yes, reason=reason, actor=who, now=moment())
        words = say(f"ladder.{done.decision}", items=done.items, lapsed=done.lapsed)
        s.out.line(words, "bold")
        s.out.answer(asdict(done))
