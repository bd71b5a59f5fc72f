"""`bihuan bulletin check FILE`: the publish gate's arithmetic on a table from outside.

Ends with 0 where everything that could be checked agrees, 1 where a cell cannot be true, nothing
could be checked or the file cannot be read, 2 for wrong usage. What was guessed is always shown.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import Debug, Home, Json
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say

if TYPE_CHECKING:
    from rules.outside_columns import Declared, RateDeclared

KEY = "bulletin.check"
MOST_TOTALS = 8  # shown of a table; --json has all
_RATE = re.compile(r"(?P<rate>.+?)=(?P<above>.+)/(?P<below>[^/]+)")
_LESS = re.compile(r"[(（](?P<below>.+)[-−－](?P<less>.+)[)）]")


def check(
    file: Annotated[Path, typer.Argument(help=say(f"{KEY}.file"), show_default=False)],
    rate: Annotated[list[str], typer.Option("--rate", help=say(f"{KEY}.rate"))] = [],  # noqa: B006
    parts: Annotated[list[str], typer.Option("--parts", help=say(f"{KEY}.parts"))] = [],  # noqa: B006
    total: Annotated[list[str], typer.Option("--total", help=say(f"{KEY}.total"))] = [],  # noqa: B006
    skip: Annotated[list[str], typer.Option("--skip", help=say(f"{KEY}.skip"))] = [],  # noqa: B006
    unit: Annotated[str, typer.Option("--unit", help=say(f"{KEY}.unit"))] = "",
    header: Annotated[str, typer.Option("--header", help=say(f"{KEY}.header"))] = "",
    sheet: Annotated[str, typer.Option("--sheet", help=say(f"{KEY}.sheet"))] = "",
    rounding: Annotated[str, typer.Option("--rounding", help=say(f"{KEY}.rounding"))] = "",
    home: Home = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, needs_home=False) as s:
        from rules.outside_columns import Declared
        from tasks.outside import check_file

        declared = Declared(
            unit=unit,
            totals=tuple(total),
            rates=tuple(_rate(value) for value in rate),
            parts=tuple(_parts(value) for value in parts),
            skip=tuple(skip),
            heading=_lines(header) if header else None,
            sheet=sheet,
            rounding=_rounding(rounding),
        )
        result = _checked(check_file, file, declared)
        show(s.out, result)
        s.out.answer(worded(result))
        if not result["ok"]:
            raise typer.Exit(1)


def _checked(check_file: Any, file: Path, declared: "Declared") -> dict[str, Any]:
    from tasks.outside import NoSuchName

    try:
        found: dict[str, Any] = check_file(file, declared)
    except NoSuchName as error:
        known = ", ".join(error.known)
        wording = say(f"{KEY}.bad.{error.of}", value=error.name, known=known)
        raise typer.BadParameter(wording) from None
    return found


def _rate(value: str) -> "RateDeclared":
    """RATE=ABOVE/BELOW, or RATE=ABOVE/(BELOW-LESS)."""
    from rules.outside_columns import RateDeclared

    match = _RATE.fullmatch(value)
    if match is None:
        raise typer.BadParameter(say(f"{KEY}.bad.rate", value=value))
    rate, above, below = (match[name].strip() for name in ("rate", "above", "below"))
    less = _LESS.fullmatch(below)
    if less is None:
        return RateDeclared(rate, above, below)
    return RateDeclared(rate, above, less["below"].strip(), less["less"].strip())


def _parts(value: str) -> tuple[str, tuple[str, ...]]:
    whole, sign, parts = value.partition("=")
    names = tuple(name.strip() for name in re.split(r"[+＋]", parts))
    if not sign or not whole.strip() or not all(names):
        raise typer.BadParameter(say(f"{KEY}.bad.parts", value=value))
    return whole.strip(), names


def _lines(value: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?", value.strip())
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise typer.BadParameter(say(f"{KEY}.bad.header", value=value))
    return int(match[1]), int(match[2] or match[1])


def _rounding(value: str) -> Any:
    from rules.outside_cells import ROUNDINGS

    if value and value not in ROUNDINGS:
        known = ", ".join(ROUNDINGS)
        raise typer.BadParameter(say(f"{KEY}.bad.rounding", value=value, known=known))
    return value or None


def worded(result: dict[str, Any]) -> dict[str, Any]:
    """The answer with the words of every reason beside it."""
    findings = [f | {"why": _why("reason", f)} for f in result["findings"]]
    tables = [
        t | {"notes": [n | {"why": _why("note", n)} for n in t["notes"]]} for t in result["tables"]
    ]
    return result | {"findings": findings, "tables": tables}


def _why(kind: str, said: dict[str, Any]) -> str:
    from tasks.rendering.catalogue import text

    return text(f"outside.{kind}.{said['reason']}", lang(), **said["values"])


def show(out: Output, result: dict[str, Any]) -> None:
    """What every table was taken for, then the cells that cannot be true, then the sum of it."""
    for table in result["tables"]:  # where anything was checked, tables of words are not laid out
        _show_table(out, table, whole=table["comparisons"] > 0 or not result["comparisons"])
    findings = result["findings"]
    if findings:
        names = ("sheet", "cell", "heading", "printed", "expected", "why")
        columns = [say(f"{KEY}.column.{name}") for name in names]
        rows = [
            [
                f["sheet"],
                f["cell"],
                f["values"]["head"],
                f["printed"],
                f["expected"],
                _why("reason", f),
            ]
            for f in findings
        ]
        out.table(say(f"{KEY}.findings", count=len(findings)), columns, rows)
    elif result["comparisons"]:
        out.line(say(f"{KEY}.agrees", comparisons=result["comparisons"]), "bold")
    else:
        out.line(say(f"{KEY}.nothing"), "bold")


def _show_table(out: Output, table: dict[str, Any], *, whole: bool) -> None:
    first, last = table["lines"]
    title = say(
        f"{KEY}.{'turned' if table['turned'] else 'title'}",
        sheet=table["sheet"],
        first=first,
        last=last,
        comparisons=table["comparisons"],
    )
    if not whole:
        out.line(title)
        return
    columns = [say(f"{KEY}.column.{name}") for name in ("column", "heading", "taken")]
    rows = [
        [c["column"], c["heading"], _taken(c)] for c in table["columns"] if c["kind"] != "blank"
    ]
    out.table(title, columns, rows)
    for total in table["totals"][:MOST_TOTALS]:
        lines = _spans(total["of_lines"])
        out.line("  " + say(f"{KEY}.total_row", **total | {"rows": lines, "by": _by(total["by"])}))
    if len(table["totals"]) > MOST_TOTALS:
        out.line("  " + say(f"{KEY}.more_totals", count=len(table["totals"]) - MOST_TOTALS))
    for parts in table["parts"]:
        key, sign = ("part_of", "、") if parts["at_most"] else ("sum_of", " + ")
        values = parts | {"parts": sign.join(parts["parts"]), "by": _by(parts["by"])}
        out.line("  " + say(f"{KEY}.{key}", **values))
    for note in table["notes"]:
        out.line(f"  {note['cell']}: {_why('note', note)}")


def _taken(column: dict[str, Any]) -> str:
    from tasks.rendering.catalogue import text

    kind = text(f"outside.kind.{column['kind']}", lang())
    if column["formula"] is None:
        return kind
    words = text("format.labelled", lang(), label=kind, value=column["formula"])
    return text("format.note", lang(), text=words, note=_by(column["by"]))


def _by(how: str) -> str:
    from tasks.rendering.catalogue import text

    return text(f"outside.by.{how}", lang())


def _spans(lines: list[int] | list[str]) -> str:
    """5, 6, 7, 9 as 5-7, 9; columns one by one."""
    spans: list[list[int]] = []
    for line in lines:
        if isinstance(line, str):
            return ", ".join(map(str, lines))
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
