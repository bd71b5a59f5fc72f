"""`bihuan serve`: Prefect's server, our deployments with their schedules, and a worker."""

import time
from contextlib import ExitStack
from typing import Annotated

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.session import Refused, Session, session
from flows.cli.words import say


def serve(
    host: Annotated[str, typer.Option("--host", help=say("serve.host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help=say("serve.port"), min=0, max=65535)] = 0,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        settings = s.settings.model_copy(update={"serve_port": port}) if port else s.settings
        _serve(Session(settings, s.out), host)


def _serve(s: Session, host: str) -> None:
    from flows.runtime import opened
    from flows.serving import server, worker

    opened()  # a home that cannot work is told now, not by every run
    with ExitStack() as stack:
        s.out.line(say("serve.starting"))
        try:
            url = stack.enter_context(server(s.settings, host))
            child = stack.enter_context(worker(s.settings, url))
            _announce(s, url.removesuffix("/api"))
            while child.poll() is None:
                time.sleep(0.5)
        except (KeyboardInterrupt, SystemExit):
            s.out.line(say("serve.stopping"))
            return
        raise Refused(say("serve.died", file=s.settings.home / "log" / "worker.log"))


def _announce(s: Session, url: str) -> None:
    s.out.line(say("serve.ready", url=url), "bold")
    s.out.answer({"ok": True, "url": url})
