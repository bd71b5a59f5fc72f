"""`bihuan bulk`: a sheet of operator actions, decided together; a dry run unless --apply.

bihuan bulk actions.xlsx --actor 张三
"""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.act import show_missing
from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import lang, say


def bulk(
    file: Annotated[Path, typer.Argument(help=say("bulk.file"))],
    actor: Annotated[str, typer.Option("--actor", help=say("act.actor"))] = "",
    code: Annotated[str, typer.Option("--code", help=say("act.code"))] = "",
    apply: Annotated[bool, typer.Option("--apply", help=say("act.apply"))] = False,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.acting import act_all
        from tasks.acting_sheet import actions_of
        from tasks.rendering.catalogue import text

        lines, actions = zip(*actions_of(file), strict=True)
        who = actor or getpass.getuser()
        reports = act_all(opened(), actions, moment(), actor=who, code=code, dry_run=not apply)
        rows = [
            [line, r.hazard, r.event, text(f"outcome.{r.outcome}", lang()), show_missing(asdict(r))]
            for line, r in zip(lines, reports, strict=True)
        ]
        columns = [say(f"column.{c}") for c in ("line", "hazard", "event", "outcome", "why")]
        s.out.table(say("bulk.title" if apply else "bulk.would"), columns, rows)
        done = sum(r.ok for r in reports)
        s.out.line(say("bulk.summary", done=done, refused=len(reports) - done))
        told = [asdict(r) | {"line": n} for n, r in zip(lines, reports, strict=True)]
        s.out.answer({"done": done, "refused": len(reports) - done, "rows": told})
        if done < len(reports):
            raise typer.Exit(1)
