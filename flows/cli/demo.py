"""`bihuan demo`: a fictitious city from its sources to revised rankings, in one go.

Promise: an empty folder or a demo home only; started again it begins anew and ends the same.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli import homes
from flows.cli.options import Debug, Direct, Home, Json
from flows.cli.output import Output, Steps
from flows.cli.session import Refused, enter, load_settings, run_flow, session
from flows.cli.words import default_home, lang, say


def _source(value: str) -> str:
    if value:
        from demo.world import SOURCES

        if value not in SOURCES:
            raise typer.BadParameter(say("demo.no_source", names=", ".join(SOURCES)))
    return value


def demo(
    seed: Annotated[int, typer.Option("--seed", help=say("demo.seed"))] = 1,
    weeks: Annotated[int, typer.Option("--weeks", help=say("demo.weeks"), min=1, max=104)] = 8,
    hazards: Annotated[int, typer.Option("--hazards", help=say("demo.hazards"), min=50)] = 5_000,
    outage: Annotated[
        str, typer.Option("--outage", help=say("demo.outage"), callback=_source, metavar="SOURCE")
    ] = "",
    home: Home = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    began = time.monotonic()
    folder = home or default_home() / "demo"
    with session(folder, json, debug, needs_home=False) as s:
        from flows.playing import Play, run_plain

        s.out.line(say("demo.fictitious"), "bold yellow")
        size = {"seed": seed, "weeks": weeks, "hazards": hazards}
        with prepared(s.settings.home, s.out, debug, direct, **size) as city:
            play = _play(s.out, Play(city, run_plain if direct else run_flow, outage))
        _summarise(s.out, play, s.settings.home)
        s.out.line(say("demo.took", seconds=round(time.monotonic() - began)))
        s.out.answer(answer(play, s.settings.home))
        if not play.audit["ok"]:
            raise typer.Exit(1)


@contextmanager
def prepared(home: Path, out: Output, debug: bool, direct: bool, **size: int) -> Iterator[Any]:
    """A fresh demo home with the city running beside it, and this process in it."""
    from flows.playing import NotADemo, clear, staged
    from flows.runtime import server_ahead, warm, without_heartbeat

    try:
        clear(home)
    except NotADemo:
        raise Refused(say("demo.not_demo", home=home)) from None
    home.mkdir(parents=True, exist_ok=True)
    homes.write_toml(home, "demo = true\n")  # first: a demo that was interrupted is known as one
    out.line(say("demo.building"))
    enter(load_settings(home), debug)
    with ExitStack() as stack:
        with nullcontext() if direct else server_ahead():
            warm()
            city = stack.enter_context(staged(home, **size))
            _make_home(home, city, out)
        if not direct:
            stack.enter_context(without_heartbeat())
        yield city


def _make_home(home: Path, city: Any, out: Output) -> None:
    from flows.playing import COUNTY, configure, source_sections

    config = configure(home)
    sections = source_sections(city.settings())
    homes.write_toml(home, "demo = true\n" + homes.toml(COUNTY, config, sections))
    made = homes.make_home(home, COUNTY)
    out.line(say("init.throw_away", file=made["private_key"]))
    _require_unused(home)


def _require_unused(home: Path) -> None:
    """A PostgreSQL database that holds an earlier demo would make figures of two worlds."""
    from tasks.county import open_county
    from tasks.store.engine import reading
    from tasks.store.ledger import read_head

    county = open_county(load_settings(home))
    with reading(county.engine) as connection:
        used = read_head(connection, county.code).seq
    county.engine.dispose()
    if used:
        raise Refused(say("demo.used_database", county=county.code))


def _play(out: Output, play: Any) -> Any:
    with out.progress(play.steps) as steps:
        steps.now(say("demo.starting"))
        for stage in play.stages():
            if stage.result is None:
                steps.now(say(f"demo.doing.{stage.step}", week=stage.week))
            else:
                _told(steps, stage.step, stage.week, stage.result)
    return play


def _told(steps: Steps, step: str, week: str, result: dict[str, Any]) -> None:
    """One line per step, whether a bar is shown or not."""
    if step == "late":
        result = result["collected"] | {"editions": _editions(result["editions"])}
    elif step == "supervise":
        result = result | {"fired": sum(result["fired"].values()), "silent": len(result["missing"])}
    elif step == "audit":
        result = result | {"verdict": say(f"demo.audit.{str(result['ok']).lower()}")}
    steps.done(say(f"demo.done.{step}", **{**result, "week": week}))


def _editions(editions: list[dict[str, Any]]) -> str:
    new = [f"{e['period']} #{e['edition']}" for e in editions if e["is_new"]]
    return ", ".join(new) or say("demo.none")


def _summarise(out: Output, play: Any, home: Path) -> None:
    names = ("week", "found", "closed", "open", "overdue", "first", "edition", "moved", "degraded")
    rows = [_row(week) for week in play.weeks.values()]
    out.table(say("demo.summary", weeks=len(rows)), [say(f"column.{n}") for n in names], rows)
    out.line(say("demo.look"), "bold")
    for key, path in places(play, home).items():
        out.line(f"  {say(f'demo.{key}')}: {path}")
    last = next(reversed(play.weeks))
    out.line(say("demo.again", home=home, week=last))


def _row(week: Any) -> list[object]:
    """Figures of the latest edition; what moved since the first."""
    latest, count = week.editions[-1], week.editions[-1]["totals"]
    moved = [m for e in week.editions if e["revision"] for m in e["revision"]["moves"]]
    figures = [count[key] for key in ("found", "closed", "closing", "overdue")]
    first = "; ".join(t["name"][lang()] for t in latest["ranking"] if t["rank"] == 1)
    return [week.code, *figures, first, latest["edition"], len(moved), ", ".join(week.degraded)]


def places(play: Any, home: Path) -> dict[str, str]:
    """Where to look: the latest page, a correction if there is one, the truth."""
    found = {"page": _page(next(reversed(play.weeks.values())).editions[-1])}
    corrected = [e for w in play.weeks.values() for e in w.editions if e["revision"]]
    if corrected:
        found["corrected"] = _page(max(corrected, key=lambda e: len(e["revision"]["moves"])))
    return found | {"truth": str(home / "city" / "truth.json")}


def _page(edition: dict[str, Any]) -> str:
    """The page in the reader's language, else any page."""
    pages = [f["path"] for f in edition["files"] if f["path"].endswith(".html")]
    return next((p for p in pages if f".{lang()}." in p or f"_{lang()}." in p), pages[0])


def answer(play: Any, home: Path) -> dict[str, Any]:
    weeks = [
        {
            "week": week.code,
            "editions": [
                {k: e[k] for k in ("edition", "watermark", "files")} for e in week.editions
            ],
            "totals": week.editions[-1]["totals"],
            "degraded": week.degraded,
        }
        for week in play.weeks.values()
    ]
    return {
        "ok": play.audit["ok"],
        "fictitious": True,
        "home": str(home),
        "weeks": weeks,
        "audit": play.audit,
        "places": places(play, home),
    }
