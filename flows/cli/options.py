"""The options that every command has, each written once."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.words import say

Home = Annotated[
    Path | None,
    typer.Option("--home", help=say("option.home"), metavar="DIR", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help=say("option.json"))]
Debug = Annotated[bool, typer.Option("--debug", help=say("option.debug"))]
Direct = Annotated[bool, typer.Option("--no-prefect", help=say("option.direct"))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=say("option.dry_run"))]


def _moment(value: str | None) -> str | None:
    from datetime import datetime

    if value is not None:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise typer.BadParameter(say("bad.now", value=value)) from None
    return value


def week_code(value: str) -> str:
    """An ISO week that exists, or "" for the last one; a usage error otherwise."""
    if value:
        from rules.periods import week

        try:
            week(value, "UTC")
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    return value


def day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(say("bad.day", value=value)) from None


Now = Annotated[
    str | None,
    typer.Option("--now", help=say("option.now"), metavar="TIME", callback=_moment),
]
