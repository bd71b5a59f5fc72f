"""`bihuan audit`: verify the ledger, what every seal says of it, and every published edition.

bihuan audit --seal seal-330282-1234.json     a seal that was kept elsewhere, as often as wanted
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Direct, Home, Json
from flows.cli.output import Output
from flows.cli.session import Refused, session
from flows.cli.words import say

Seals = Annotated[
    list[Path], typer.Option("--seal", help=say("audit.seal"), metavar="FILE", show_default=False)
]


def audit(
    seal: Seals = [],  # noqa: B006  typer reads it once
    home: Home = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, direct=direct) as s:
        from flows.audit import audit_all
        from flows.forms import AuditForm

        form = AuditForm(seals=[_text(path) for path in seal])
        result = s.run("audit", form, lambda: audit_all(form.given()))
        show(s.out, result)
        s.out.answer(result)
        if not result["ok"]:
            raise typer.Exit(1)


def _text(path: Path) -> str:
    """A seal's file. Raises Refused for anything else."""
    from pydantic import ValidationError

    from schemas.seals import SealFile

    try:
        text = path.read_text("utf-8")
        SealFile.model_validate_json(text)
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise Refused(say("audit.no_seal", file=path, why=type(error).__name__)) from None
    return text


def show(out: Output, result: dict[str, Any]) -> None:
    key = "audit.ok" if result["ok"] else "audit.findings"
    found = len(result["findings"])
    out.line(say(key, size=f"{result['size']:,}", root=result["root"], n=found), "bold")
    if result["findings"]:
        columns = list(result["findings"][0])
        rows = [[finding.get(c) for c in columns] for finding in result["findings"]]
        out.table(say("audit.title"), columns, rows)
    out.line(say("audit.tree", root=result["tree"]))
    for words in _reach(result):
        out.line(words)


def _reach(result: dict[str, Any]) -> list[str]:
    """How far the ledger is sealed, and how far that is proven from outside."""
    size, sealed, held = (int(result[key]) for key in ("size", "sealed", "held"))
    words = [say("audit.sealed", n=f"{sealed:,}")] if sealed else []
    if sealed < size:
        words.append(say("audit.unsealed", first=f"{sealed + 1:,}", last=f"{size:,}"))
    words.append(say("audit.held", n=f"{held:,}") if held else say("audit.not_held"))
    return words
