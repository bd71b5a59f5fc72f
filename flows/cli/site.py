"""`bihuan site build`: the static pages of everything that was published.

bihuan site build
"""

from dataclasses import asdict

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.session import session
from flows.cli.words import say

app = typer.Typer(help=say("site.help"), no_args_is_help=True)


@app.command(help=say("site.build.help"))
def build(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.site import build_all

        sites = [asdict(site) for site in build_all(opened())]
        columns = [say(f"site.column.{c}") for c in ("for", "editions", "pages", "made", "path")]
        rows = [
            [say(f"site.for.{x['audience']}"), x["editions"], x["pages"], x["made"], x["path"]]
            for x in sites
        ]
        s.out.table(say("site.built"), columns, rows)
        s.out.answer({"sites": sites})
