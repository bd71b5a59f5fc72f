"""One hazard on the terminal: its head, the timeline, and what stands beside it.

Everything shown is in the file that `--json` prints; here it is only put into words and columns.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from flows.cli import hazard_words as words
from flows.cli.hazard_words import Names, beside, event_word, listed, moment, word
from flows.cli.words import lang, say
from tasks.rendering.catalogue import text

File = dict[str, Any]
_MARKS = {"applied": "✓", "pending": "…", "ineffective": "✗", "superseded": "–", "recorded": "·"}
_STYLES = {"applied": "green", "pending": "yellow", "ineffective": "red"}
_LOUD = "bold white on red"
RUNG = "rung_fired"


def page(file: File, names: Names) -> Iterator[RenderableType]:
    """The parts of the page from top to bottom."""
    from flows.cli import hazard_view_parts as parts

    yield _head(file, names)
    yield _section("timeline", _timeline(file, names))
    for key, part in (
        ("elements", parts.elements(file, names)),
        ("side", parts.side_steps(file, names)),
        ("listings", parts.listings(file)),
        ("rungs", parts.rungs(file, names)),
        ("findings", parts.findings(file, names)),
    ):
        if part.row_count:
            yield _section(key, part)


def _section(key: str, part: RenderableType) -> RenderableType:
    title = Text(say(f"hazard.section.{key}"), "bold cyan")
    return Padding(Group(title, part), (1, 0, 0, 0))


def ruled(**widths: int | None) -> Table:
    """Columns of these widths under their headings; None takes what is left."""
    looks: dict[str, Any] = {"padding": (0, 1, 0, 0), "pad_edge": False, "show_edge": False}
    table = Table(box=box.SIMPLE_HEAD, expand=True, header_style="dim", **looks)
    for key, width in widths.items():
        title, ratio = say(f"hazard.column.{key}"), None if width else 1
        table.add_column(title, width=width, ratio=ratio, overflow="fold")
    return table


# -- head ------------------------------------------------------------------------------------------


def _head(file: File, names: Names) -> RenderableType:
    facts = [
        file["unit_name"],
        names.town(file["town_code"]),
        names.sector(file["sector_code"]),
        word("channel", file["channel"]),
        say("hazard.found_on", day=file["found_at"][:10]),
    ]
    number = Text(f"{file['number']}   {file['hazard']}", "dim")
    lines = [Text(file["description"], "bold"), Text(" · ".join(filter(None, facts))), number]
    return Panel(Group(*lines, Text(), *_standing(file, names)), box=box.ROUNDED, padding=(0, 2))


def _standing(file: File, names: Names) -> Iterator[Text]:
    """Where it stands: state and marks, clocks, what is missing, interim control."""
    badges = [Text(f" {word('state', file['state'])} ", "bold reverse")]
    severity = word("severity", file["severity"])
    badges.append(Text(severity, "bold red" if file["severity"] == "major" else ""))
    if file["listed_level"] != "none":
        level = word("listing_level", file["listed_level"])
        badges.append(Text(say("hazard.listed", level=level), "bold magenta"))
    badges += [Text(word("mark", mark), "bold yellow") for mark in file["marks"]]
    yield Text("   ").join(badges)
    yield _clocks(file, names)
    if missing := file["elements"]["missing"]:
        yield Text(say("hazard.missing", names=words.needs(missing)), "bold red")
    else:
        yield Text(say("hazard.complete"), "green")
    if file["interim_control"]["in_force"]:
        yield _interim(file["interim_control"])


def _clocks(file: File, names: Names) -> Text:
    clocks = file["clocks"]
    if not clocks["due_on"]:
        return Text(say("hazard.no_due"))
    parts = [Text(say("hazard.due", day=clocks["due_on"]))]
    if clocks["is_extended"]:
        parts.append(Text(say("hazard.original", day=clocks["original_due_on"])))
    parts += _overdue(clocks)
    if clocks["working_days_left"] is not None:
        parts.append(Text(say("hazard.left", n=clocks["working_days_left"])))
    if len(clocks["overdue_days_by_town"]) > 1:
        shares = clocks["overdue_days_by_town"].items()
        each = [say("hazard.town_days", town=names.town(t), days=n) for t, n in shares]
        parts.append(Text(say("hazard.by_town", parts=listed(each))))
    flags = {"provisional": clocks["is_provisional"], "backdated": file["backdated"]}
    parts += [Text(say(f"hazard.{flag}"), "yellow") for flag, given in flags.items() if given]
    return Text(" · ").join(parts)


def _overdue(clocks: dict[str, Any]) -> list[Text]:
    days, working = clocks["overdue_days"], clocks["working_days_overdue"]
    if clocks["is_overdue"]:
        key = "hazard.overdue" if days else "hazard.overdue_today"
        return [Text(f" {say(key, days=days, working=working)} ", _LOUD)]
    return [Text(say("hazard.was_overdue", days=days), "yellow")] if days else []


def _interim(control: dict[str, Any]) -> Text:
    checks = say(
        "hazard.check_counts",
        every=control["check_every_days"],
        made=len(control["checked"]),
        missed=len(control["missed"]),
    )
    key = "hazard.interim_until" if control["until"] else "hazard.interim"
    began = say(key, first=control["from"][:10], last=control["until"])
    parts = [Text(began), Text(checks)]
    if due := control["next_check_due"]:
        overdue = control["check_is_overdue"]
        key = "hazard.check_overdue" if overdue else "hazard.check_next"
        parts.append(Text(say(key, day=due), "bold red" if overdue else ""))
    return Text(" · ").join(parts)


# -- timeline --------------------------------------------------------------------------------------


def _timeline(file: File, names: Names) -> Table:
    table, state = ruled(when=16, event=13, said=None, outcome=15), ""
    for event in file["events"]:
        faded = "dim" if event["outcome"] == "superseded" or event["kind"] == RUNG else ""
        table.add_row(
            moment(event["claimed_at"]),
            Text(_title(event), "" if faded else "bold"),
            _told(event, file, names),
            _outcome(event, file, state),
            style=faded,
        )
        state = state if _is_later(event) else event["state_after"]
    return table


def _title(event: dict[str, Any]) -> str:
    rung = event["kind"] == RUNG
    return word("rung", event["said"]["rung"]) if rung else event_word(event["kind"])


def _told(event: dict[str, Any], file: File, names: Names) -> Text:
    lines = [who(event), fields(event, file, names)]
    if event["evidence"]:
        lines.append(pair(word("field", "evidence"), event["evidence"]))
    lines.append(_origin(event, file))
    return Text("\n").join(line for line in lines if line.plain)


def who(event: dict[str, Any]) -> Text:
    people = [event["organisation"], event["person"]]
    if event["second_person"]:
        people.append(text("hazard.second", lang(), person=event["second_person"]))
    if event["actor"] not in (event["source"], event["person"]):
        people.append(text("hazard.by_hand", lang(), person=event["actor"]))
    return Text(" · ".join(filter(None, people)))


def fields(event: dict[str, Any], file: File, names: Names) -> Text:
    """What it says; of a finding, what the head has not said of it already."""
    hidden = {"rung", "to"}  # the title says the rung, the findings say what was linked
    if _is_finding(event):
        known = {n for n in file if event["said"].get(n) == file[n]}
        hidden = {"place_id", "sector_code", "town_code", *known}
    return pairs(names.said(event["said"], hidden))


def pairs(said: Iterable[tuple[str, str]]) -> Text:
    return Text("  ").join(pair(label, value) for label, value in said)


def pair(label: str, value: str) -> Text:
    """One unbreakable chunk in Chinese: a line ends between two of them."""
    if not value or not label:
        return Text(value or label)
    return Text.assemble((text("format.labelled", lang(), label=label, value=""), "cyan"), value)


def _is_finding(event: dict[str, Any]) -> bool:
    return bool(event["kind"] == "registered")


def _origin(event: dict[str, Any], file: File) -> Text:
    """Which source told it under which number, and when it was sent and received."""
    parts = [_number(event)] if event["delivery"] else []
    if event["hazard"] != file["hazard"] and not _is_finding(event):
        parts.append(event["number"])
    for key in ("sent", "received"):
        if event[f"{key}_at"] != event["claimed_at"]:
            at = beside(event[f"{key}_at"], event["claimed_at"])
            parts.append(text(f"hazard.{key}", lang(), at=at))
    flags = [f for f in ("filed_late", "implied") if event[f]]
    parts += [text(f"hazard.{flag}", lang()) for flag in flags]
    return Text(" · ".join(parts), "yellow" if flags else "dim")


def _number(event: dict[str, Any]) -> str:
    """What we enter ourselves is numbered by the hazard's own name, which says nothing new."""
    is_own = event["hazard"] in event["source_id"]
    return str(event["source"] if is_own else f"{event['source']} {event['source_id']}")


def _is_later(event: dict[str, Any]) -> bool:
    """It took effect later than it is claimed: it waited for data."""
    return bool(event["effective_at"] and event["effective_at"] != event["claimed_at"])


def _outcome(event: dict[str, Any], file: File, before: str) -> Text:
    """before: the state before this event. That a rung fired says all there is."""
    if event["kind"] == RUNG:
        return Text()
    if _is_finding(event) and event["hazard"] != file["hazard"]:
        return Text(text("hazard.again", lang()), "dim")
    outcome, said = event["outcome"], word("outcome", event["outcome"])
    if outcome == "applied" and event["state_after"] != before:
        said = text("hazard.arrow", lang(), state=word("state", event["state_after"]))
    if _is_later(event):
        at = beside(event["effective_at"], event["claimed_at"])
        said += "\n" + text("hazard.effective", lang(), at=at)
    if event["missing"]:
        said += "\n" + text("hazard.lacks", lang(), needs=words.needs(event["missing"]))
    elif event["reason"]:
        said += "\n" + word("reason", event["reason"])
    return Text(f"{_MARKS[outcome]} {said}", _STYLES.get(outcome, "dim"))
