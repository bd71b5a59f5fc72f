"""`bihuan status`: what is up, what ran last and runs next, who is late, what waits."""

from typing import Any

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say


def status(home: Home = None, now: Now = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from flows.server_status import ask
        from tasks.pulse import take

        county, at = opened(), moment()
        server, found = ask(county), take(county, at)
        result = told(county.zone, server, found)
        show(s.out, result)
        s.out.answer(result)


def told(zone: str, server: dict[str, Any], found: Any) -> dict[str, Any]:
    """The stable keys of `--json`: server, runs, ledger, hazards, waiting, outbox, sources."""
    from tasks.publication.reporting import instant

    def at(ms: int) -> str:
        return instant(ms, zone) if ms else ""

    return {
        **server,
        "ledger": {"events": found.head_seq, "head": found.head_hash, "at": at(found.head_at)},
        "hazards": {"open": found.open, "overdue": found.overdue},
        "waiting": {
            "pending": found.pending,
            "overdue": found.pending_overdue,
            "proposals": found.proposals,
        },
        "outbox": {"unsent": found.unsent, "since": at(found.unsent_since)},
        "sources": [
            {
                "source": one.source,
                "title": one.title,
                "pulled_at": at(one.pulled_at),
                "failing_since": at(one.failing_since),
                "received_at": at(one.received_at),
                "refused_share": round(one.refused_share, 4),
                "quarantined": one.quarantined,
                "is_late": one.is_late,
            }
            for one in found.sources
        ],
    }


def show(out: Output, result: dict[str, Any]) -> None:
    server = result["server"]
    key = "up" if server["up"] else "down"
    out.line(say(f"status.{key}", **server), "bold" if server["up"] else "yellow")
    if server["up"]:
        out.line(say("status.workers", names=", ".join(server["workers"]) or "-"))
        _runs(out, result["runs"])
    out.line(say("status.ledger", **result["ledger"]))
    out.line(say("status.hazards", **result["hazards"]))
    out.line(say("status.waiting", **result["waiting"]))
    out.line(say("status.outbox", **result["outbox"]))
    _sources(out, result["sources"])


def _runs(out: Output, runs: list[dict[str, Any]]) -> None:
    names = ("job", "last", "state", "next")
    rows = [[run[name] for name in names] for run in runs]
    out.table(say("status.runs"), [say(f"column.{n}") for n in names], rows)


def _sources(out: Output, sources: list[dict[str, Any]]) -> None:
    names = ("source", "pulled", "quarantined", "late")
    rows = [
        [
            f"{one['title'][lang()]} {one['source']}",
            one["pulled_at"][:16].replace("T", " ") or say("source.never"),
            one["quarantined"],
            say("status.late") if one["is_late"] else "",
        ]
        for one in sources
    ]
    out.table(say("status.sources"), [say(f"column.{n}") for n in names], rows)
