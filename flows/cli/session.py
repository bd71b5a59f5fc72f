"""One command in one home: settings, clock, log file, and the flow that does the work.

Promise: a command ends with 0 done, 1 refused or failed with one line that says why and what to
do, 2 wrong usage, 141 nobody reads on. What an operator cannot act on goes with its traceback to
HOME/log/bihuan.log.
"""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import typer

from flows.cli import pipe
from flows.cli.output import Output
from flows.cli.words import choose, default_home, lang, say
from flows.logs import FILE, keep_log

if TYPE_CHECKING:
    from schemas.settings import Settings

_OURS = ("flows.", "tasks.", "rules.", "schemas.", "demo.")
log = logging.getLogger(__name__)


class Refused(Exception):
    """A command will not do what was asked; the message says why and what to do."""


@dataclass(frozen=True)
class Session:
    """A command under way."""

    settings: "Settings"
    out: Output
    direct: bool = False

    def run(self, name: str, form: Any, plain: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Run the flow `flows.<name>:<name>` with its form, or with --no-prefect the function."""
        if self.direct:
            return plain()
        from flows.runtime import server_ahead, warm, without_heartbeat

        with server_ahead():
            if name in ("collect", "late"):
                warm()
        with without_heartbeat():
            return run_flow(name, form)


def run_flow(name: str, form: Any) -> dict[str, Any]:
    """A flow's result; what it raised is raised. A failed state that carries a result gives it."""
    from prefect import tags

    from flows.naming import tags as own_tags

    flow = getattr(import_module(f"flows.{name}"), name)
    with tags(*own_tags()):
        state = flow(form=form, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return dict(result)


@contextmanager
def session(
    home: Path | None,
    as_json: bool,
    debug: bool,
    *,
    now: str | None = None,
    direct: bool = False,
    needs_home: bool = True,
) -> Iterator[Session]:
    """Open a home for one command, and turn what goes wrong into one line and exit code 1."""
    out, path = Output(as_json), (home or default_home()).expanduser().absolute()
    choose(path)
    with _told(out, path, debug):
        if needs_home and not (path / "bihuan.toml").exists():
            raise Refused(say("no_home", home=path))
        settings = load_settings(path)
        with ExitStack() as stack:
            if needs_home:
                enter(settings, debug)
                stack.enter_context(_clock(now))
            yield Session(settings, out, direct)


def load_settings(home: Path) -> "Settings":
    """The settings of a home. Raises Refused naming every key that is wrong."""
    from pydantic import ValidationError

    from schemas.settings import Settings

    try:
        return Settings.load(home)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Refused(say("bad.settings", file=home / "bihuan.toml", faults=faults)) from None
    except ValueError as error:  # tomllib
        raise Refused(say("bad.settings", file=home / "bihuan.toml", faults=error)) from None


def enter(settings: "Settings", debug: bool = False) -> None:
    """Put this process into a home: Prefect's environment first, then the log file."""
    from flows.runtime import prepare

    prepare(settings, console="DEBUG" if debug else "CRITICAL")
    keep_log(settings.home, settings.county)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)  # else Prefect's server would outlive us


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


@contextmanager
def _clock(now: str | None) -> Iterator[None]:
    from flows.runtime import opened, standing_at

    if now is None:
        yield
        return
    moment = datetime.fromisoformat(now)
    if moment.tzinfo is None:  # wall clock of the county
        from zoneinfo import ZoneInfo

        moment = moment.replace(tzinfo=ZoneInfo(opened().zone))
    with standing_at(int(moment.timestamp() * 1000)):
        yield


@contextmanager
def _told(out: Output, home: Path, debug: bool) -> Iterator[None]:
    try:
        with _flushed():
            yield
    except (typer.Exit, typer.BadParameter):
        raise
    except (KeyboardInterrupt, SystemExit):
        out.error(say("interrupted"))
        raise typer.Exit(130) from None
    except Exception as error:
        if isinstance(error, BrokenPipeError) and pipe.is_gone():
            raise pipe.leave() from None
        if debug:
            raise
        reason = _reason(error, home)
        out.error(reason)
        out.answer({"ok": False, "error": reason, "type": type(error).__name__})
        raise typer.Exit(1) from None


@contextmanager
def _flushed() -> Iterator[None]:
    """What was said is out before the command ends, or it is known that nobody reads it."""
    try:
        yield
    finally:
        sys.stdout.flush()


def _reason(error: Exception, home: Path) -> str:
    """One line. Our own exceptions are written for people; others are told apart and logged."""
    if type(error).__module__.startswith(_OURS):
        words = error.said(lang()) if hasattr(error, "said") else str(error)
        return " ".join(words.split())
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    where = home / "log" / FILE
    place = say("see_log", file=where) if where.exists() else say("see_debug")
    return f"{type(error).__name__}: {' '.join(str(error).split())[:500]} {place}"
