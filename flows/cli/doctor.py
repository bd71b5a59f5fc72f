"""`bihuan doctor`: what is in order, what is not, and what to do about it."""

import os
from typing import Any

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.output import Output
from flows.cli.session import enter, session
from flows.cli.words import lang, say

_MARKS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, needs_home=False) as s:
        from flows.runtime import QUIET
        from tasks.doctoring import examine

        if (s.settings.home / "bihuan.toml").exists():
            enter(s.settings, debug)
        else:
            os.environ.update(QUIET)  # nothing is made where there is no home yet
        checks = examine(s.settings, lang())
        ok = all(check.level != "fail" for check in checks)
        result = {"ok": ok, "checks": [vars(check) for check in checks]}
        show(s.out, result)
        s.out.answer(result)
        if not ok:
            raise typer.Exit(1)


def show(out: Output, result: dict[str, Any]) -> None:
    for check in result["checks"]:
        mark = say(f"doctor.{check['level']}")
        out.line(f"{mark}  {check['name']}: {check['message']}", _MARKS[check["level"]])
    out.line(say("doctor.fine" if result["ok"] else "doctor.not_fine"), "bold")
