"""`bihuan report`: reports from the public, their dates, one reply to all of a hazard, rewards.

bihuan report list --late
bihuan report reply complaints:25-000001 --text … --actor 张三 --apply

Who reported lies in the vault; no command here asks for it, shows it or takes it.
"""

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say

if TYPE_CHECKING:
    import pandas as pd

    from tasks.county import County

app = typer.Typer(help=say("report.help"), no_args_is_help=True)

Id = Annotated[str, typer.Argument(help=say("report.id"))]
COLUMNS = ("report", "town", "state", "next", "due", "late")


@app.command(name="list", help=say("report.list.help"))
def list_(
    late: Annotated[bool, typer.Option("--late", help=say("report.list.late"))] = False,
    town: Annotated[str, typer.Option("--town", help=say("report.list.town"))] = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.reports import waiting

        county = opened()
        found = waiting(county, moment())
        if town:
            found = found[found["town_code"] == _town(county, town)]
        found = found[found["is_late"]] if late else found
        rows = [plain(row, county.zone) for row in found.to_dict("records")]
        counts = {"count": len(rows), "late": sum(row["is_late"] for row in rows)}
        if rows:
            cells = [_cells(row, county) for row in rows]
            s.out.table(
                say("report.list.title", **counts),
                [say(f"report.column.{c}") for c in COLUMNS],
                cells,
            )
        else:
            s.out.line(say("report.list.none"))
        s.out.answer({**counts, "reports": rows})


def _town(county: "County", word: str) -> str:
    code = county.organisation.town_words().get(word)
    if code is None:
        raise typer.BadParameter(say("report.no_town", town=word))
    return code


def plain(row: "dict[Any, Any]", zone: str) -> dict[str, Any]:
    """A report as JSON has it: times with the county's offset, null for absent ones."""
    from schemas.vocabulary import ReportStep
    from tasks.publication.reporting import instant

    instants = {str(step) for step in ReportStep}
    made: dict[str, Any] = {"report": f"{row['source']}:{row['source_id']}"}
    for name, value in row.items():
        if name in instants or name.endswith(("_at", "_due")):
            made[name] = instant(value, zone) if value else None
        elif name not in ("source", "source_id"):
            made[name] = value.item() if hasattr(value, "item") else value
    return made


def _cells(row: dict[str, Any], county: "County") -> list[str]:
    names = {town.code: getattr(town.name, lang()) for town in county.organisation.towns}
    town = names.get(row["town_code"], row["town_code"])
    late = say("report.late") if row["is_late"] else ""
    return [row["report"], town, _state(row), _step(row["next_step"]), _due(row), late]


def _state(row: dict[str, Any]) -> str:
    from tasks.rendering.catalogue import text

    return text("report.received", lang()) if row["state"] == "received" else _step(row["state"])


def _step(name: str) -> str:
    from tasks.rendering.catalogue import text

    return text(f"report_step.{name}" if name else "report.nothing", lang())


def _due(row: dict[str, Any]) -> str:
    """The last day of what is due next: a date is stored as its 24:00."""
    from datetime import datetime, timedelta

    if row["next_due"] is None:
        return ""
    last = datetime.fromisoformat(row["next_due"]) - timedelta(milliseconds=1)
    day = last.date().isoformat()
    return say("report.provisional", day=day) if row["next_provisional"] else day


@app.command(help=say("report.show.help"))
def show(
    report: Id, home: Home = None, now: Now = None, json: Json = False, debug: Debug = False
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.entering import stream_of
        from tasks.reports import shown

        county = opened()
        found = shown(county, stream_of(county, report), moment())
        steps = [_step_said(one, county.zone) for one in found.pop("steps")]
        row = plain(found, county.zone)
        _say_one(s.out, row, steps)
        s.out.answer(row | {"steps": steps})


def _step_said(one: dict[str, Any], zone: str) -> dict[str, Any]:
    from tasks.publication.reporting import instant

    times = {n: instant(one[n], zone) if one[n] else None for n in ("claimed_at", "effective_at")}
    return one | times


def _say_one(out: Output, row: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    from tasks.rendering.catalogue import text

    head = {"state": _state(row), "next": _step(row["next_step"]), "due": _due(row)}
    out.line(say("report.show.head", report=row["report"], **head), "bold")
    out.line(say("report.show.hazard", hazard=row["case_id"]))
    for one in steps:
        values = {"day": one["claimed_at"][:16], "step": _step(one["kind"]), "actor": one["actor"]}
        values |= {"source": one["source"], "said": _said(one["said"])}
        if one["waits_for"]:
            why = text(f"reason.{one['waits_for']}", lang())
            out.line(say("report.show.waits", why=why, **values))
        else:
            out.line(say("report.show.step", **values))


def _said(said: dict[str, Any]) -> str:
    shown = {k: yuan(v) if k == "amount_fen" else v for k, v in said.items()}
    return "  ".join(
        str(shown[k]) for k in ("reason", "target", "reply", "amount_fen") if k in shown
    )


@app.command(help=say("report.reply.help"))
def reply(
    hazard: Annotated[str, typer.Argument(help=say("act.hazard"))],
    text: Annotated[str, typer.Option("--text", help=say("report.reply.text"))],
    actor: Annotated[str, typer.Option("--actor", help=say("act.actor"))] = "",
    apply: Annotated[bool, typer.Option("--apply", help=say("act.apply"))] = False,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from dataclasses import asdict

        from flows.runtime import moment, opened
        from tasks.entering import stream_of
        from tasks.reports import reply as answer

        county, who = opened(), actor or getpass.getuser()
        stream = stream_of(county, hazard)
        done = answer(county, stream, text, moment(), actor=who, dry_run=not apply)
        key = "report.reply.did" if apply else "report.reply.would"
        s.out.line(say(key, count=len(done.answered), reports=_listed(done.answered)), "bold")
        if done.already:
            s.out.line(say("report.reply.already", reports=_listed(done.already)))
        s.out.answer(asdict(done))


def _listed(ids: tuple[str, ...]) -> str:
    from tasks.rendering.catalogue import text

    return ", ".join(ids) or text("report.nothing", lang())


@app.command(help=say("report.rewards.help"))
def rewards(home: Home = None, now: Now = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.reports import rewards as ledger

        county = opened()
        found = ledger(county, moment())
        _say_rewards(s.out, found, county)
        counts = found[found["effective_at"] > 0]
        rows = [_reward(row, county.zone) for row in found.to_dict("records")]
        total = int(counts["amount_fen"].sum())
        s.out.answer({"count": len(counts), "amount_fen": total, "rewards": rows})


def _reward(row: "dict[Any, Any]", zone: str) -> dict[str, Any]:
    from tasks.publication.reporting import instant

    times = {n: instant(row[n], zone) if row[n] else None for n in ("claimed_at", "effective_at")}
    return {str(k): v for k, v in row.items()} | times


def _say_rewards(out: Output, found: "pd.DataFrame", county: "County") -> None:
    from tasks.rendering.catalogue import text

    if found.empty:
        out.line(say("report.rewards.none"))
        return
    counts = found[found["effective_at"] > 0]
    names = {town.code: getattr(town.name, lang()) for town in county.organisation.towns}
    rows = [
        [
            *(row["report"], names.get(row["town_code"], row["town_code"])),
            *(county.days.day_of(row["claimed_at"]).isoformat(), yuan(row["amount_fen"])),
            *(row["actor"], text(f"reason.{row['waits_for']}", lang()) if row["waits_for"] else ""),
        ]
        for row in found.to_dict("records")
    ]
    title = say(
        "report.rewards.title", count=len(counts), yuan=yuan(int(counts["amount_fen"].sum()))
    )
    columns = ("report", "town", "day", "yuan", "actor", "waits_for")
    out.table(title, [say(f"report.column.{c}") for c in columns], rows)


def yuan(fen: int) -> str:
    """2550050 → 25,500.50"""
    return f"{fen // 100:,}.{fen % 100:02d}"
