"""`bihuan source`: draft a source from a sample, try it, look at it, take it again.

bihuan source new fire --sample fire.xlsx      a commented YAML in the configuration
bihuan source check fire --sample fire.xlsx    what it makes of the rows; nothing is stored
bihuan source replay fire                      after its mapping was mended
bihuan source reconcile fire                   everything it has, against what we have
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now, day
from flows.cli.output import Output
from flows.cli.session import Refused, session
from flows.cli.words import lang, say

if TYPE_CHECKING:
    from tasks.county import County

app = typer.Typer(help=say("source.help"), no_args_is_help=True)

Name = Annotated[str, typer.Argument(help=say("source.name"), metavar="NAME", show_default=False)]
RECORDS = ("finding", "check", "update", "place", "figure")


def _record(value: str) -> str:
    if value not in RECORDS:
        raise typer.BadParameter(say("source.new.record"))
    return value


@app.command(help=say("source.new.help"))
def new(
    name: Name,
    sample: Annotated[
        Path, typer.Option("--sample", help=say("source.new.sample"), metavar="PATH")
    ],
    record: Annotated[
        str, typer.Option("--record", help=say("source.new.record"), callback=_record)
    ] = "finding",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise typer.BadParameter(say("source.new.bad_name", name=name))
    with session(home, json, debug) as s:
        from schemas.organisation import Organisation
        from schemas.policy import Policy
        from schemas.vocabulary import RecordKind
        from tasks.configuration import read
        from tasks.county import config_folder
        from tasks.sourcing.draft import drafted

        if s.settings.config_dir is None:
            raise Refused(say("source.new.shipped", home=s.settings.home))
        folder = config_folder(s.settings)
        organisation = read(folder / "organisation.yaml", Organisation)
        classes = read(folder / "policy.yaml", Policy).campaign.place_classes
        kind = RecordKind(record)
        draft = drafted(folder, name, sample, kind, organisation, tuple(classes), lang())
        done = say("source.new.done", file=draft.path, rows=draft.rows, fields=len(draft.guesses))
        s.out.line(done, "bold")
        if draft.todo:
            s.out.warn(say("source.new.todo", fields=", ".join(draft.todo)))
        s.out.line(say("source.new.next", name=name, sample=sample, home=s.settings.home))
        fields = {guess.name: guess.spec for guess in draft.guesses}
        s.out.answer({"file": str(draft.path), "rows": draft.rows, "fields": fields,
                      "todo": draft.todo})  # fmt: skip


@app.command(help=say("source.check.help"))
def check(
    name: Name,
    sample: Annotated[
        Path | None,
        typer.Option("--sample", help=say("source.check.sample"), metavar="PATH"),
    ] = None,
    rows: Annotated[int, typer.Option("--rows", help=say("source.check.rows"), min=0)] = 3,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from dataclasses import asdict

        from flows.runtime import moment, opened
        from tasks.sourcing.offering import laid_out, pulled_now, sampled
        from tasks.sourcing.trial import tried

        county, at = opened(), moment()
        declared = county.declared(name)
        given = sampled(declared, sample) if sample else pulled_now(county, declared, at)
        with laid_out(declared, given, at, county.code) as deliveries:
            trial = tried(county, declared, deliveries, rows)
        show_trial(s.out, county, asdict(trial))
        s.out.answer(asdict(trial))


def show_trial(out: Output, county: "County", trial: dict[str, Any]) -> None:
    """The counts, why rows were refused or warned, and the first rows side by side."""
    from tasks.sourcing.trial import reason

    counts = ("source", "received", "accepted", "refused", "skipped", "warned")
    out.line(say("source.check.counts", **{key: trial[key] for key in counts}), "bold")
    declared = county.sources[trial["source"]]
    for key in ("refused", "warned"):
        by = [[c, n, reason(declared, c, lang())] for c, n in trial[f"{key}_by"].items()]
        if by:
            columns = [say(f"column.{c}") for c in ("code", "rows", "reason")]
            out.table(say(f"source.check.{key}"), columns, by)
    for problem in trial["problems"]:
        out.warn(say("source.check.problem", reason=problem))
    columns = [say(f"column.{c}") for c in ("field", "from", "before", "after")]
    for row in trial["rows"]:
        cells = [
            [f"{f['record']}.{f['field']}", f["from"], _short(f["before"]), _short(f["after"])]
            for f in row["fields"]
        ]
        title = say("source.check.line", line=row["line"], codes=row["codes"])
        out.table(title.strip(), columns, cells)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


@app.command(name="list", help=say("source.list.help"))
def list_(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.sourcing.standing import standing

        county = opened()
        found = [standing(county, declaration) for declaration in county.sources.values()]
        keys = ("source", "title", "connector", "pulled", "submission", "quarantined")
        cells = [
            [
                each["source"],
                each["title"][lang()],
                each["connector"] + ("" if each["has_address"] else say("source.list.no_address")),
                _at(county, each["pulled_at"]),
                _at(county, (each["last_submission"] or {}).get("received_at", 0)),
                each["quarantined"],
            ]
            for each in found
        ]
        s.out.table(say("source.list.title"), [say(f"column.{k}") for k in keys], cells)
        s.out.answer({"sources": found})


@app.command(help=say("source.show.help"))
def show(name: Name, home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.county import config_folder
        from tasks.sourcing.standing import standing

        county = opened()
        found = standing(county, county.declared(name))
        path = config_folder(county.settings) / "sources" / f"{name}.yaml"
        s.out.line(path.read_text("utf-8"))
        show_standing(s.out, county, found)
        declaration = county.sources[name].model_dump(mode="json", by_alias=True)
        s.out.answer(found | {"file": str(path), "declaration": declaration})


def show_standing(out: Output, county: "County", found: dict[str, Any]) -> None:
    """Pull, submission and quarantine of one source, a line each."""
    at = _at(county, found["pulled_at"])
    out.line(say("source.show.pull", at=at, cursor=found["cursor"] or "-"))
    if last := found["last_submission"]:
        rows = {key: last[f"rows_{key}"] for key in ("received", "taken", "refused", "known")}
        received = _at(county, last["received_at"])
        out.line(say("source.show.submission", at=received, period=last["period"], **rows))
    if found["quarantined"]:
        codes = ", ".join(f"{c} {n}" for c, n in found["quarantined_by"].items())
        out.line(say("source.show.quarantined", n=found["quarantined"], codes=codes))


@app.command(help=say("source.replay.help"))
def replay(
    name: Name,
    since: Annotated[
        str, typer.Option("--since", help=say("source.replay.since"), metavar="DATE")
    ] = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    first = day(since) if since else None
    with session(home, json, debug, now=now) as s:
        from dataclasses import asdict

        from flows.collect import adopt_configuration
        from flows.runtime import moment, opened, warm
        from tasks.sourcing.retake import retake, since_day

        warm()
        county, at = opened(), moment()
        county.declared(name)
        adopt_configuration(at)
        taken = retake(county, name, since_day(first, county.zone), at)
        result = asdict(taken.report) | {"released": taken.released}
        s.out.line(say("source.replay.done", **result), "bold")
        if taken.report.problem:
            s.out.warn(say("collect.degraded", source=name, reason=taken.report.problem))
        s.out.answer(result)


@app.command(help=say("source.reconcile.help"))
def reconcile(
    name: Name,
    mend: Annotated[bool, typer.Option("--mend", help=say("source.reconcile.mend"))] = False,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.collect import adopt_configuration
        from flows.runtime import moment, opened, warm
        from tasks.intake import collect, reconciling

        warm()
        county, at = opened(), moment()
        county.declared(name)
        if mend:
            adopt_configuration(at)
            collect.collect_source(county, name, at, whole=True)
        found = reconciling.reconcile(county, name, at)
        counts = {"missing": len(found.missing), "different": len(found.different)}
        done = say("source.reconcile.done", source=name, rows=found.rows, **counts)
        s.out.line(done, "bold")
        for kind in counts:
            _show_rows(s.out, kind, getattr(found, kind))
        if found.problem:
            s.out.warn(say("collect.degraded", source=name, reason=found.problem))
        s.out.answer(vars(found) | {"differences": found.differences})
        if found.differences or found.problem:
            raise typer.Exit(1)


def _show_rows(out: Output, kind: str, rows: tuple[tuple[str, str], ...]) -> None:
    """The rows that differ in one way; --json gives all of them."""
    if rows:
        columns = [say("column.record"), say("column.source_id")]
        title = say(f"source.reconcile.{kind}", n=len(rows))
        out.table(title, columns, [list(row) for row in rows[:20]])


def _at(county: "County", ms: int) -> str:
    """An instant as the county's wall clock."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    if not ms:
        return say("source.never")
    moment = datetime.fromtimestamp(ms / 1000, ZoneInfo(county.zone))
    return moment.strftime("%Y-%m-%d %H:%M")
