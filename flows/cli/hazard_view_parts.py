"""What stands beside a hazard's timeline: elements, enforcement, listing, rungs, findings."""

from typing import Any

from rich.table import Table
from rich.text import Text

from flows.cli.hazard_view import File, fields, pairs, ruled, who
from flows.cli.hazard_words import Names, event_word, listed, moment, word
from flows.cli.words import lang, say
from tasks.rendering.catalogue import text

# The field that needs no label, because it stands beside the element's name.
_MAIN = {
    "responsibility": "responsible_unit",
    "measures": "measures",
    "deadline": "due_at",
    "plan": "plan_reference",
    "interim_control": "interim_control",
}
_STANDING = {
    "in_force": "green",
    "lapsed": "yellow",
    "incomplete": "yellow",
    "missing": "bold red",
}


def _grid(*ratios: int) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    for ratio in ratios:
        table.add_column(ratio=ratio or None, overflow="fold")
    return table


def elements(file: File, names: Names) -> Table:
    """Every version of every element, and those that are missing."""
    table = ruled(element=14, value=None, filed=30, standing=13)
    for element, versions in file["elements"]["versions"].items():
        title = Text(word("need", element), "bold")
        for version in versions:
            table.add_row(title, *_version(element, version, names))
            title = Text()
        if not versions and element in file["elements"]["missing"]:
            table.add_row(title, "", "", _standing("missing"))
    return table


def _version(element: str, version: dict[str, Any], names: Names) -> tuple[Text, Text, Text]:
    values, main = version["values"], _MAIN.get(element, "")
    said = names.said(values, (main,))
    if values.get(main):
        said.insert(0, ("", names.value(main, values[main])))
    value = pairs(said)
    value.style = "" if version["standing"] in ("in_force", "lapsed") else "dim"
    standing = _standing(version["standing"])
    if version["missing"]:
        lacking = listed(word("field", f) for f in version["missing"])
        standing.append("\n" + text("hazard.lacks", lang(), needs=lacking))
    return value, _filed(version), standing


def _filed(version: dict[str, Any]) -> Text:
    people = [version["organisation"], version["person"]]
    by = " · ".join(filter(None, people)) or version["source"]
    told = f"{moment(version['claimed_at'])} {event_word(version['filed_by'])}\n{by}"
    return Text(f"{told} · {version['evidence']}" if version["evidence"] else told, "dim")


def _standing(standing: str) -> Text:
    return Text(word("standing", standing), _STANDING.get(standing, "dim"))


def side_steps(file: File, names: Names) -> Table:
    """Steps of a report from the public, and what the law did."""
    table = _grid(0, 0, 1)
    for event in file["events"]:
        if event["seq"] in file["side_steps"]:
            said = Text("  ").join([who(event), fields(event, file, names)])
            table.add_row(moment(event["claimed_at"]), event_word(event["kind"]), said)
    return table


def listings(file: File) -> Table:
    table = _grid(0, 0, 0, 1)
    for listing in file["listings"]:
        level, state = word("listing_level", listing["level"]), listing["state"]
        due = say("hazard.due", day=listing["due_on"]) if listing["due_on"] else ""
        number = listing["number"] or ""
        table.add_row(number, level, Text(word("listing_state", state), "bold"), due)
    return table


def rungs(file: File, names: Names) -> Table:
    """Each rung with what became of its message, then the messages that are no rung's."""
    table = _grid(0, 0, 0, 1)
    sent = {message["key"]: message["sent_at"] for message in file["messages"]}
    for rung in file["rungs"]:
        due = say("hazard.due", day=rung["due_on"])
        to = f"{names.recipient(rung['recipient'])} · {due}"
        table.add_row(
            moment(rung["fired_at"]), word("rung", rung["rung"]), _message_state(rung, sent), to
        )
    keys = {rung["message"] for rung in file["rungs"]}
    for message in file["messages"]:
        if message["key"] not in keys:
            at, kind = moment(message["created_at"]), word("message", message["kind"])
            to = names.recipient(message["recipient"])
            table.add_row(at, kind, _sent(message["sent_at"]), to)
    return table


def _message_state(rung: dict[str, Any], sent: dict[str, Any]) -> str:
    if not rung["proposal"]:
        return _sent(sent.get(rung["message"]))
    if not rung["decision"]:
        return say("hazard.proposal")
    return f"{word('decision', rung['decision'])} {rung['decided_by']}"


def _sent(at: str | None) -> str:
    return say("hazard.sent_at", at=moment(at)) if at else say("hazard.unsent")


def findings(file: File, names: Names) -> Table:
    """The findings that are this hazard, and every decision that they are, or others are not."""
    table = _grid(0, 0, 1)
    if len(file["findings"]) > 1:
        for one in file["findings"]:
            where = " · ".join(filter(None, [one["unit_name"], names.town(one["town_code"])]))
            told = Text.assemble(one["description"], "\n", (where, "dim"))
            table.add_row(one["number"], moment(one["found_at"]), told)
    for link in file["links"]:
        table.add_row("", "", Text(_link(link), "dim"))
    return table


def _link(link: dict[str, Any]) -> str:
    why = [word("link_by", link["by"])]
    if link["by"] == "operator":
        why += [link["actor"], link["reason"] or ""]
    else:
        why.append(text("hazard.alike", lang(), score=link["score"]))
    key = "hazard.link" if link["score"] else "hazard.parted"
    a, b = (link[f"{end}_number"] or link[end] for end in "ab")
    return text(key, lang(), a=a, b=b, why=listed(filter(None, why)))
