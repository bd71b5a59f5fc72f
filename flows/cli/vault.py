"""`bihuan vault`: sealed reporters. What is opened goes to stdout of `open` and nowhere else.

bihuan vault list --report complaints:25-000017
bihuan vault open TOKEN --key FILE --purpose … --actor 张三 --approver 李四 --code 123456
bihuan vault erase TOKEN --reason … --actor 张三 --approver 李四 --code 123456
bihuan vault sweep --apply
"""

import getpass
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import vault_keys
from flows.cli.options import Debug, Home, Json, Now
from flows.cli.session import session
from flows.cli.words import say

if TYPE_CHECKING:
    from tasks.county import County
    from tasks.store.vault import SealedRow

app = typer.Typer(help=say("vault.help"), no_args_is_help=True)
app.add_typer(vault_keys.app, name="key")

LISTED = 200
COLUMNS = ("token", "source", "sealed", "state", "key")
Token = Annotated[str, typer.Argument(help=say("vault.token"), metavar="TOKEN")]
Actor = Annotated[str, typer.Option("--actor", help=say("vault.actor"))]
Approver = Annotated[str, typer.Option("--approver", help=say("vault.approver"))]
Code = Annotated[str, typer.Option("--code", help=say("vault.code"))]


@app.command("open", help=say("vault.open.help"))
def open_(
    token: Token,
    key: Annotated[Path, typer.Option("--key", help=say("vault.open.key"), metavar="FILE")],
    purpose: Annotated[str, typer.Option("--purpose", help=say("vault.open.purpose"))],
    approver: Approver,
    code: Code = "",
    actor: Actor = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.store.vault_keys import read_key
        from tasks.vaulting import Order, open_reporter

        who, county = actor or getpass.getuser(), opened()
        order = Order(purpose, who, approver, code)
        vault_keys.warn_of(s, key)
        shown = open_reporter(county, _token(token), read_key(key), order, moment())
        at = _day(county, shown.sealed_at)
        done = say("vault.open.done", token=shown.token, source=shown.source, at=at)
        s.out.line(done, "bold")
        for name, value in shown.fields:
            s.out.line(say("vault.open.field", name=name, value=value))
        s.out.line(say(f"vault.open.{shown.commitment}"))
        s.out.line(say("vault.open.kept", actor=who, approver=approver))
        fields = [{"field": name, "value": value} for name, value in shown.fields]
        s.out.answer({**_about(shown), "actor": who, "approver": approver, "fields": fields})


def _about(shown: Any) -> dict[str, Any]:
    return {name: getattr(shown, name) for name in ("token", "source", "sealed_at", "commitment")}


def _token(text: str) -> str:
    """A token as it stands in a list, in a row (`sealed:…`) or in the ledger (`vault:…`)."""
    return text.strip().rpartition(":")[2].lower()


@app.command(help=say("vault.erase.help"))
def erase(
    token: Token,
    reason: Annotated[str, typer.Option("--reason", help=say("vault.erase.reason"))],
    approver: Approver,
    code: Code = "",
    actor: Actor = "",
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.vaulting import Order, erase_reporter

        order = Order(reason, actor or getpass.getuser(), approver, code)
        gone = erase_reporter(opened(), _token(token), order, moment())
        s.out.line(say("vault.erase.done", n=len(gone)), "bold")
        for each in gone:
            s.out.line(f"  {each}")
        s.out.answer({"erased": gone})


def _report(value: str) -> str:
    if value and not all(value.partition(":")):
        raise typer.BadParameter(say("vault.list.bad_report", value=value))
    return value


@app.command(name="list", help=say("vault.list.help"))
def list_(
    source: Annotated[str, typer.Option("--source", help=say("vault.list.source"))] = "",
    report: Annotated[
        str,
        typer.Option(
            "--report", help=say("vault.list.report"), metavar="SOURCE:NUMBER", callback=_report
        ),
    ] = "",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug) as s:
        from flows.runtime import opened

        county = opened()
        if report:
            source, _, number = report.partition(":")
            found = county.vault.rows(source, number)
        else:
            found = county.vault.rows(source)
        columns = [say(f"vault.column.{c}" if c != "source" else "column.source") for c in COLUMNS]
        rows = [_row(county, row) for row in found[-LISTED:]]
        s.out.table(say("vault.list.title", n=len(found)), columns, rows)
        if len(found) > LISTED:
            s.out.warn(say("vault.list.more", n=LISTED))
        s.out.answer({"rows": [_plain(row) for row in found]})


def _row(county: "County", row: "SealedRow") -> list[object]:
    erased = say("vault.state.erased", at=_day(county, row.erased_at))
    state = erased if row.erased_at else say("vault.state.sealed")
    return [row.token, row.source, _day(county, row.sealed_at), state, row.key_id]


def _plain(row: "SealedRow") -> dict[str, Any]:
    state = "erased" if row.erased_at else "sealed"
    kept = ("token", "source", "sealed_at", "erased_at", "key_id", "commitment")
    return {name: getattr(row, name) for name in kept} | {"state": state}


def _day(county: "County", ms: int) -> str:
    from zoneinfo import ZoneInfo

    moment = datetime.fromtimestamp(ms / 1000, ZoneInfo(county.zone))
    return moment.isoformat(" ", "minutes")[:16] if ms else "-"


@app.command(help=say("vault.status.help"))
def status(home: Home = None, now: Now = None, json: Json = False, debug: Debug = False) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.vaulting import status as stands

        found = asdict(stands(opened(), moment()))
        counts = {name: found[name] for name in ("sealed", "erased", "opened", "orphans")}
        s.out.line(say("vault.status.counts", key_id=found["key"], **counts), "bold")
        for key, rows in found["by_key"].items():
            if key != found["key"]:
                s.out.line(say("vault.status.older", key_id=key or "-", n=rows))
        if not found["findings"]:
            s.out.line(say("vault.status.agrees"))
        for finding in found["findings"]:
            s.out.warn(finding)
        s.out.answer(found)
        if found["findings"]:
            raise typer.Exit(1)


@app.command(help=say("vault.sweep.help"))
def sweep(
    days: Annotated[int, typer.Option("--days", help=say("vault.sweep.days"), min=1)] = 30,
    apply: Annotated[bool, typer.Option("--apply", help=say("vault.sweep.apply"))] = False,
    home: Home = None,
    now: Now = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now) as s:
        from flows.runtime import moment, opened
        from tasks.vaulting import orphans
        from tasks.vaulting import sweep as remove

        found = (remove if apply else orphans)(opened(), moment(), days)
        s.out.line(say("vault.sweep.done" if apply else "vault.sweep.would", n=len(found)), "bold")
        for row in found:
            s.out.line(f"  {row.token}  {row.source}")
        s.out.answer({"orphans": [row.token for row in found], "removed": apply})
