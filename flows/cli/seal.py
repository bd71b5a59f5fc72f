"""`bihuan seal`: seals of the ledger, what proves single events, and what checks them elsewhere.

bihuan seal make
bihuan seal list
bihuan seal prove 42 proof-42.json
bihuan seal ledger ledger.jsonl
bihuan seal verifier verify.py
"""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import say

if TYPE_CHECKING:
    from tasks.county import County

app = typer.Typer(help=say("seal.help"), no_args_is_help=True)

File = Annotated[Path, typer.Argument(help=say("seal.file"), metavar="FILE")]


@app.command(help=say("seal.make.help"))
def make(
    actor: Annotated[str, typer.Option("--actor", help=say("act.actor"))] = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.sealing import make as seal

        county = opened()
        done = seal(county, moment(), actor or getpass.getuser())
        told = {"size": f"{done.seal.size:,}", "root": done.seal.root}
        s.out.line(say("seal.made" if done.is_new else "seal.known", **told), "bold")
        s.out.line(say("seal.where", file=county.home / done.file))
        for name, reason in done.waiting.items():
            s.out.line(say("seal.waiting", name=name, reason=reason))
        answer = {"seal": asdict(done.seal), "file": str(done.file), "is_new": done.is_new}
        s.out.answer({"ok": not done.waiting, **answer, "waiting": done.waiting})
        if done.waiting:
            raise typer.Exit(1)


@app.command(name="list", help=say("seal.list.help"))
def list_(home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.sealing import listed

        county = opened()
        found = [{"event": number, **asdict(seal)} for number, seal in listed(county)]
        rows = [[one["size"], _day(county, one["made_at"]), one["root"]] for one in found]
        columns = [say(f"column.{name}") for name in ("sealed_events", "sealed_at", "sealed_root")]
        s.out.table(say("seal.title"), columns, rows)
        s.out.answer({"seals": found})


def _day(county: "County", at: Any) -> str:
    from tasks.publication.reporting import instant

    return instant(int(at), county.zone)


@app.command(help=say("seal.prove.help"))
def prove(
    number: Annotated[int, typer.Argument(help=say("seal.number"), metavar="NUMBER", min=1)],
    file: File,
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.sealing import proof, written_proof

        found = proof(opened(), number)
        file.write_bytes(written_proof(found))
        s.out.line(say("seal.proved", number=number, size=f"{found.size:,}", file=file), "bold")
        s.out.answer({"ok": True, "file": str(file), **found.model_dump()})


@app.command(help=say("seal.ledger.help"))
def ledger(file: File, home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened
        from tasks.sealing import ledger_lines

        lines = -1  # the first says what the file is
        with file.open("wb") as out:
            for line in ledger_lines(opened()):
                out.write(line)
                lines += 1
        s.out.line(say("seal.exported", n=f"{lines:,}", file=file), "bold")
        s.out.answer({"ok": True, "file": str(file), "events": lines})


@app.command(help=say("seal.verifier.help"))
def verifier(file: File, home: Home = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, needs_home=False) as s:
        from tasks.configuration import verifier as text

        file.write_text(text(), "utf-8")
        s.out.line(say("seal.verifier.done", file=file), "bold")
        s.out.answer({"ok": True, "file": str(file)})
