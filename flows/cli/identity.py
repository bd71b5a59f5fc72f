"""`bihuan identity`: which findings may be one hazard, and an operator's word on it.

bihuan identity list --since 2025-03-10
bihuan identity must-link inspection:H-000001 grid:H-000007 --reason … --actor 张三
"""

import getpass
from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.options import Debug, Home, Json, Now, day
from flows.cli.session import session
from flows.cli.words import say

app = typer.Typer(help=say("identity.help"), no_args_is_help=True)

One = Annotated[str, typer.Argument(help=say("act.hazard"))]
Other = Annotated[str, typer.Argument(help=say("identity.other"))]
Reason = Annotated[str, typer.Option("--reason", help=say("identity.reason"))]
Actor = Annotated[str, typer.Option("--actor", help=say("act.actor"))]


@app.command(name="list", help=say("identity.list.help"))
def list_(
    since: Annotated[
        str, typer.Option("--since", help=say("identity.since"), metavar="YYYY-MM-DD")
    ] = "",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    first = day(since) if since else None
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.linking import unsure

        pairs = unsure(opened(), first)
        s.out.line(say("identity.unsure", count=len(pairs)), "bold")
        for pair in pairs:
            s.out.line(say("identity.pair", **pair))
        s.out.answer({"pairs": pairs})


@app.command(name="must-link", help=say("identity.must.help"))
def must_link(
    one: One, other: Other, reason: Reason, actor: Actor = "", home: Home = None,
    now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    _decide(True, one, other, reason, actor, home, now, json, debug)


@app.command(name="cannot-link", help=say("identity.cannot.help"))
def cannot_link(
    one: One, other: Other, reason: Reason, actor: Actor = "", home: Home = None,
    now: Now = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    _decide(False, one, other, reason, actor, home, now, json, debug)


def _decide(
    same: bool, one: str, other: str, reason: str, actor: str,
    home: Home, now: Now, json: bool, debug: bool,
) -> None:  # fmt: skip
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.entering import stream_of
        from tasks.linking import link

        county = opened()
        a, b = stream_of(county, one), stream_of(county, other)
        who = actor or getpass.getuser()
        done = link(county, a, b, same=same, reason=reason, actor=who, now=moment())
        s.out.line(say("identity.one" if same else "identity.two", a=one, b=other), "bold")
        s.out.answer(asdict(done))
