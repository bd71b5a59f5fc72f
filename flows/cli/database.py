"""`bihuan database`: what an administrator of PostgreSQL does for an office.

bihuan database roles > roles.sql     read it, then: psql DATABASE --file roles.sql
bihuan database roles --apply         or so, where BIHUAN_DATABASE_URL names an administrator
"""

from typing import Annotated

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.session import Refused, session
from flows.cli.words import say

app = typer.Typer(help=say("database.help"), no_args_is_help=True)


@app.callback()
def _noun() -> None:
    """More than one command will be below; typer asks for this while there is one."""


@app.command(help=say("database.roles.help"))
def roles(
    prefix: Annotated[str, typer.Option("--prefix", help=say("database.prefix"))] = "bihuan",
    apply: Annotated[bool, typer.Option("--apply", help=say("database.apply"))] = False,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from tasks.county import database_url
        from tasks.store import privileges
        from tasks.store.engine import open_engine

        engine = open_engine(database_url(s.settings))
        if engine.dialect.name != "postgresql":
            raise Refused(say("database.no_roles"))
        statements = privileges.roles(engine, prefix)
        if apply:
            privileges.apply(engine, statements)
            s.out.line(say("database.applied", prefix=prefix), "bold")
        else:
            for statement in statements:
                s.out.line(f"{statement};")
        engine.dispose()
        s.out.warn(say("database.next", prefix=prefix))
        s.out.answer({"prefix": prefix, "applied": apply, "statements": statements})
