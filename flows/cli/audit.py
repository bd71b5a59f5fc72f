"""`bihuan audit`: verify the ledger and every published edition."""

from typing import Any

import typer

from flows.cli.options import Debug, Direct, Home, Json
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import say


def audit(
    home: Home = None, direct: Direct = False, json: Json = False, debug: Debug = False
) -> None:
    with session(home, json, debug, direct=direct) as s:
        from flows.audit import audit_all
        from flows.forms import AuditForm

        result = s.run("audit", AuditForm(), audit_all)
        show(s.out, result)
        s.out.answer(result)
        if not result["ok"]:
            raise typer.Exit(1)


def show(out: Output, result: dict[str, Any]) -> None:
    key = "audit.ok" if result["ok"] else "audit.findings"
    found = len(result["findings"])
    out.line(say(key, size=f"{result['size']:,}", root=result["root"], n=found), "bold")
    if result["findings"]:
        columns = list(result["findings"][0])
        rows = [[finding.get(c) for c in columns] for finding in result["findings"]]
        out.table(say("audit.title"), columns, rows)
