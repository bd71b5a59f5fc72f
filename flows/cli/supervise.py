"""`bihuan supervise`: run the clocks of the day."""

from typing import Any

from flows.cli.options import Debug, Direct, Home, Json, Now
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say


def supervise(
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now, direct=direct) as s:
        from flows.forms import SuperviseForm
        from flows.runtime import moment
        from flows.supervise import supervise_all

        result = s.run("supervise", SuperviseForm(), lambda: supervise_all(moment()))
        show(s.out, result)
        s.out.answer(result)


def show(out: Output, result: dict[str, Any]) -> None:
    from tasks.rendering.catalogue import text

    rungs = [[text(f"rung.{rung}", lang()), items] for rung, items in result["fired"].items()]
    out.table(say("supervise.title"), [say("column.rung"), say("column.items")], rungs)
    counts = {key: result[key] for key in ("proposals", "messages", "appended")}
    out.line(say("supervise.summary", **counts, listed=len(result["listed"])))
    if result["missing"]:
        names = _names()
        rows = [
            [m["source"], names.get(m["unit"], m["unit"]), m["period"]] for m in result["missing"]
        ]
        columns = [say("column.source"), say("column.unit"), say("column.period")]
        out.table(say("supervise.missing"), columns, rows)


def _names() -> dict[str, str]:
    """What towns are called, by code."""
    from flows.runtime import opened

    return {town.code: getattr(town.name, lang()) for town in opened().organisation.towns}
