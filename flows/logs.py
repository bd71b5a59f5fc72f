"""HOME/log/bihuan.log: one JSON object per line, which says of which county and run it speaks.

    at, level, logger, message, county, process; run, run_id inside a run; traceback of an error

Promise: commands and runs of a worker write the same file, whole lines at a time; a file of more
than a few megabytes is put aside (`bihuan.log.1` … `.3`) when a process begins, never under one
that writes. What must not be read by others is not in messages (`tests/canary`).
"""

import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

FILE, KEPT, FULL = "bihuan.log", 3, 5_000_000
OWN = ("flows", "tasks", "demo")


def keep_log(home: Path, county: str) -> None:
    """Our log lines go to HOME/log/bihuan.log from now on, not to the terminal."""
    path = home / "log" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    _put_aside(path)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(Lines(county))
    for name in OWN:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        for old in [h for h in logger.handlers if isinstance(h.formatter, Lines)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)


def _put_aside(path: Path) -> None:
    """A full file becomes .1, what was .1 becomes .2; another process may be doing it, too."""
    with suppress(FileNotFoundError):
        if path.stat().st_size <= FULL:
            return
        for number in range(KEPT - 1, 0, -1):
            with suppress(FileNotFoundError):
                Path(f"{path}.{number}").replace(f"{path}.{number + 1}")
        path.replace(f"{path}.1")


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def __init__(self, county: str) -> None:
        super().__init__()
        self._county = county

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "county": self._county,
            "process": record.process,
            **_run(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def _run() -> dict[str, str]:
    """Name and id of the run this is said in; nothing outside of one."""
    if "prefect.context" not in sys.modules:
        return {}
    from prefect.context import FlowRunContext

    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return {}
    return {"run": context.flow_run.name, "run_id": str(context.flow_run.id)}
