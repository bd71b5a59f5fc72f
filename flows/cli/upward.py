"""`bihuan upward`: report a published edition to the level above.

bihuan upward statutory 2025-05
bihuan upward statutory 2025-05 --name city --dry-run
"""

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.options import Debug, DryRun, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import say
from schemas.vocabulary import EditionKind

_SHOWN = ("name", "file", "rows", "destination", "state")


def upward(
    kind: Annotated[EditionKind, typer.Argument(help=say("upward.kind"))],
    period: Annotated[str, typer.Argument(help=say("upward.period"), metavar="PERIOD")],
    name: Annotated[str, typer.Option("--name", help=say("upward.name"))] = "",
    dry_run: DryRun = False,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.store.documents import adopt
        from tasks.upward import export

        county, at = opened(), moment()
        if not dry_run:
            adopt(county, at)
        found = [
            asdict(one) for one in export(county, kind, period, at, name=name, dry_run=dry_run)
        ]
        rows = [[_cell(one, key) for key in _SHOWN] for one in found]
        title = say("upward.title", period=period, edition=found[0]["edition"])
        s.out.table(title, [say(f"column.{key}") for key in _SHOWN], rows)
        waiting = [one for one in found if one["state"] == "waiting"]
        for one in waiting:
            s.out.line(say("upward.waiting", name=one["name"], reason=one["reason"]))
        s.out.answer({"ok": not waiting, "items": found})
        if waiting:
            raise typer.Exit(1)


def _cell(one: dict[str, object], key: str) -> object:
    return say(f"upward.state.{one[key]}") if key == "state" else one[key]
