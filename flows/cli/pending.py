"""`bihuan pending`: what waits for a person. `bihuan approve`: a person's word on it.

bihuan pending
bihuan approve weekly/2025-W10 --person 主任李虚构 --code 123456 --apply
"""

from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Direct, Home, Json, Now
from flows.cli.session import Refused, session
from flows.cli.words import lang, say

_SHOWN = ("what", "by", "since", "until", "decided_by", "name")


def pending(home: Home = None, now: Now = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.approve import waiting_now
        from flows.runtime import moment, opened
        from tasks.pending import write
        from tasks.rendering.catalogue import text

        at = moment()
        rows = waiting_now(at, lang())
        path = write(opened(), at, lang())
        cells = [
            [text(f"operator_role.{row[n]}", lang()) if n == "decided_by" else row[n][:60]
             for n in _SHOWN]
            for row in rows
        ]  # fmt: skip
        heads = [text(f"pending.column.{n}", lang()) for n in _SHOWN]
        s.out.table(say("pending.title", n=len(rows)), heads, cells)
        s.out.line(say("pending.page", file=path))
        s.out.answer({"pending": rows, "page": str(path)})


def approve(
    name: Annotated[str, typer.Argument(help=say("approve.name"), metavar="KEY")],
    person: Annotated[str, typer.Option("--person", help=say("approve.person"))],
    code: Annotated[str, typer.Option("--code", help=say("act.code"))] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help=say("approve.refuse"))] = False,
    reason: Annotated[str, typer.Option("--reason", help=say("approve.reason"))] = "",
    due_on: Annotated[str, typer.Option("--due-on", help=say("approve.due_on"))] = "",
    actor: Annotated[str, typer.Option("--actor", help=say("act.actor"))] = "",
    apply: Annotated[bool, typer.Option("--apply", help=say("act.apply"))] = False,
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now, direct=direct) as s:
        from flows.approve import decide_on, in_words
        from flows.forms import ApproveForm
        from flows.runtime import moment

        form = ApproveForm(
            name=name, decision="refuse" if refuse else "approve", person=person, code=code,
            reason=reason, due_on=due_on, actor=actor, dry_run=not apply,
        )  # fmt: skip
        result: dict[str, Any] = s.run("approve", form, lambda: decide_on(form, moment()))
        words = in_words(result, form.dry_run)
        if not result["ok"]:
            s.out.answer(result)
            raise Refused(words)
        s.out.line(words, "bold")
        s.out.answer(result)
