"""`bihuan serve`: Prefect's server (or one that is joined), our deployments, a worker, the site."""

import time
from typing import Annotated

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.session import Refused, Session, session
from flows.cli.words import say


def serve(
    host: Annotated[str, typer.Option("--host", help=say("serve.host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help=say("serve.port"), min=0, max=65535)] = 0,
    site_port: Annotated[
        int, typer.Option("--site-port", help=say("serve.site_port"), min=0, max=65535)
    ] = 0,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        chosen = {"serve_port": port, "site_port": site_port}
        settings = s.settings.model_copy(update={k: v for k, v in chosen.items() if v})
        _serve(Session(settings, s.out), host)


def _serve(s: Session, host: str) -> None:
    from dataclasses import replace

    from flows.access import PASSWORD_FILE
    from flows.deploying import log_file
    from flows.runtime import opened
    from flows.serving import served

    county = replace(opened(), settings=s.settings)  # a home that cannot work is told now
    s.out.line(say("serve.starting"))
    try:
        with served(s.settings, county, host) as up:
            s.out.line(say("serve.ready", url=up.url), "bold")
            s.out.line(say("serve.site", url=up.site))
            if s.settings.serve_password:
                s.out.line(say("serve.password", file=s.settings.home / PASSWORD_FILE))
            s.out.answer({"ok": True, "url": up.url, "site": up.site})
            while not (ended := up.ended()):
                time.sleep(0.5)
    except (KeyboardInterrupt, SystemExit):
        s.out.line(say("serve.stopping"))
        return
    raise Refused(say("serve.died", name=ended, file=log_file(s.settings, ended)))
