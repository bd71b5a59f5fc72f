"""Lists of hazards on the terminal: items, completeness by town, conflicts, manual acts."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from flows.cli.hazard_view import pairs, ruled
from flows.cli.hazard_words import Names, event_word, listed, moment, needs, word
from flows.cli.words import lang, say
from tasks.rendering.catalogue import text

Found = dict[str, Any]


def items(found: Found, names: Names) -> Iterator[RenderableType]:
    """The most urgent first, and how many there are in all."""
    yield _items(found["items"], names)
    key = "hazard.all_shown" if found["total"] == found["shown"] else "hazard.some_shown"
    yield Text(say(key, total=f"{found['total']:,}", shown=f"{found['shown']:,}"), "dim")


def _items(rows: list[Found], names: Names) -> Table:
    table = ruled(number=20, standing=13, due=15, what=None)
    for row in rows:
        standing = Text(word("state", row["state"]))
        if row["severity"] == "major":
            standing.append("\n" + word("severity", "major"), "bold red")
        table.add_row(row["number"], standing, _due(row), _what(row, names))
    return table


def _due(row: Found) -> Text:
    if not row["due_on"]:
        return Text(say("hazard.no_due"), "dim")
    if not row["is_overdue"]:
        return Text(row["due_on"], "dim" if row["accepted_at"] else "")
    days = row["overdue_days"]
    key = "hazard.days_overdue" if days else "hazard.overdue_today"
    return Text.assemble(row["due_on"], "\n", (say(key, days=days), "bold red"))


def _what(row: Found, names: Names) -> Text:
    where = [row["unit_name"], names.town(row["town_code"]), names.sector(row["sector_code"])]
    told = Text.assemble(row["description"], "\n", (" · ".join(filter(None, where)), "dim"))
    if row["listed_level"] != "none":
        level = word("listing_level", row["listed_level"])
        told.append("  " + say("hazard.listed", level=level), "magenta")
    if row["missing"]:
        told.append("\n" + say("hazard.missing", names=needs(row["missing"])), "yellow")
    for mark in row["marks"]:
        told.append("  " + word("mark", mark), "yellow")
    return told


def completeness(found: Found, names: Names) -> Iterator[RenderableType]:
    """五到位 by town, then the open hazards that lack something."""
    yield Text(say("hazard.completeness"), "bold cyan")
    yield _towns(found["towns"], names)
    yield Text()
    yield Text(say("hazard.lacking"), "bold cyan")
    yield from items(found, names)


def _towns(rows: list[Found], names: Names) -> Table:
    elements = list(dict.fromkeys(e for row in rows for e in row["lacks"]))
    table = Table.grid(padding=(0, 1, 0, 0))
    heads = [say(f"hazard.column.{key}") for key in ("town", "severity", "open", "complete")]
    for _ in heads[:2]:
        table.add_column(no_wrap=True)
    for _ in (*heads[2:], *elements):
        table.add_column(justify="right")
    words = (word("need", element).replace(" ", "\n") for element in elements)
    table.add_row(*(Text(head, "dim") for head in (*heads, *words)))
    before = ""
    for row in rows:
        town = "" if row["town_code"] == before else names.town(row["town_code"])
        before = row["town_code"]
        counts = [_lacking(row["lacks"].get(element)) for element in elements]
        severity = word("severity", row["severity"])
        table.add_row(town, severity, f"{row['open']:,}", f"{row['complete']:,}", *counts)
    return table


def _lacking(count: int | None) -> Text:
    """A severity that does not need an element lacks none."""
    return Text("–" if count is None else f"{count:,}", "bold red" if count else "dim")


def conflicts(found: Found, names: Names) -> Iterator[RenderableType]:
    """What people saw closed, what it is now, and what undid it."""
    if not found["items"]:
        yield Text(say("hazard.no_conflict"))
        return
    table = ruled(number=20, closed=16, standing=12, undone=None)
    for row in found["items"]:
        told = Text(row["description"])
        where = [row["unit_name"], names.town(row["town_code"])]
        told.append("\n" + " · ".join(filter(None, where)), "dim")
        for event in row["undone_by"]:
            told.append("\n" + _undone(event), "yellow")
        if row["editions"]:
            shown = listed(f"{e['period']} #{e['number']}" for e in row["editions"])
            told.append("\n" + say("hazard.in_editions", editions=shown), "dim")
        table.add_row(
            row["number"], moment(row["closed_at"]), Text(word("state", row["state"]), "bold"), told
        )
    yield table
    yield Text(say("hazard.settle"), "dim")


def _undone(event: Found) -> str:
    return say(
        "hazard.undone_by",
        event=event_word(event["kind"]),
        claimed=moment(event["claimed_at"]),
        received=moment(event["received_at"]),
        source=f"{event['source']} {event['source_id']}",
    )


def register(found: Found, names: Names) -> Iterator[RenderableType]:
    """Person by person: what, on what, when, why, with whom."""
    if not found["acts"]:
        yield Text(say("hazard.no_act"))
    for person in found["people"]:
        counts = listed(f"{_act_word(act)} {n}" for act, n in person["acts"].items())
        yield Text.assemble((person["actor"], "bold cyan"), f"   {counts}")
        acts = (act for act in found["acts"] if act["actor"] == person["actor"])
        table = ruled(entered=16, event=14, number=20, why=None)
        for act in acts:
            table.add_row(
                moment(act["entered_at"]), _act_word(act["act"]), act["number"], _why(act, names)
            )
        yield table
        yield Text()


def _act_word(act: str) -> str:
    return text("hazard.downgraded", lang()) if act == "downgraded" else event_word(act)


def _why(act: Found, names: Names) -> Text:
    told = Text(act["reason"] or say("hazard.no_reason"), "" if act["reason"] else "dim")
    if act["second_person"]:
        told.append("\n" + text("hazard.second", lang(), person=act["second_person"]))
    said = pairs(names.said(act["said"], ("person", "second_person", "severity", "score", "by")))
    if said.plain:
        told.append("\n").append_text(said)
    if act["outcome"] != "applied":
        why = word("reason", act["why_not"]) if act["why_not"] else word("outcome", act["outcome"])
        told.append(f"\n✗ {why}", "red")
    return told
