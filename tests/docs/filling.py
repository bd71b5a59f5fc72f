"""What words of a document stand for in the home in which it is read.

Words in capitals (`HOME`, `TOWN`, `OBJECTION`), 123456 (the code that a device shows now) and the
names of the documents' examples (掌起镇). What a word stands for is looked up in the home when the
line is typed, as its reader would; what does not stand here is taken as it is written.
"""

import json
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rules.lifecycle import MOVES

if TYPE_CHECKING:
    from tests.docs.world import Reader

Look = Callable[["Reader"], str]
_DECIDERS = ("--signer", "--decider", "--approver", "--person")
_WORD = re.compile(r"(?<![\w-])[A-Z][A-Z_]+(?![\w-])")


def filled(reader: "Reader", words: list[str]) -> list[str]:
    """The words of a line as they are typed here."""
    known = [_named(reader, _examples(reader, word)) for word in words]
    known = [_elsewhere(reader, was, word) for was, word in zip(["", *known], known, strict=False)]
    known = _on_a_hazard(reader, known)
    coded = [_code(reader, known) if word == "123456" else word for word in known]
    return coded + _directly(coded)


def _named(reader: "Reader", word: str) -> str:
    if found := FILES.get(word):
        return found(reader)
    return _WORD.sub(lambda m: NAMES[m[0]](reader) if m[0] in NAMES else m[0], word)


def _examples(reader: "Reader", word: str) -> str:
    for written, look in EXAMPLES.items():
        if written in word:
            word = word.replace(written, look(reader))
    return word


def _elsewhere(reader: "Reader", before: str, word: str) -> str:
    """What is written is written where nothing is yet: a custodian's machine is not this one."""
    path = reader.work / word
    return str(reader.folder / f"new-{word}") if before == "--out" and path.exists() else word


def _directly(words: list[str]) -> list[str]:
    """A Prefect server for each command would be all that is measured here."""
    return ["--no-prefect"] if direct(words) and "--no-prefect" not in words else []


def direct(words: list[str]) -> bool:
    """Whether the command that the words name can be run without Prefect."""
    from tests.docs.parsing import command_of

    try:
        command, _ = command_of(words)
    except LookupError:  # told by the program itself
        return False
    return any("--no-prefect" in p.opts for p in command.params)


def _code(reader: "Reader", words: list[str]) -> str:
    """The code that the named person's device shows."""
    from tasks.operators import code_for

    after = dict(pairwise(words))
    person = next((after[o] for o in _DECIDERS if o in after), "")
    person = person or next((w[14:] for w in words if w.startswith("second_person=")), "")
    now = int(reader.now.timestamp() * 1000)
    return code_for(reader.county, person or after["check"], now)


def _on_a_hazard(reader: "Reader", words: list[str]) -> list[str]:
    """An action is tried on a hazard whose state allows it, as its reader would choose one."""
    if words[0] != "act" or not words[1].startswith("inspection:"):
        return words
    states = {s.name.lower() for m in MOVES if m.kind == words[2] for s in m.sources}
    lists = words[2] == "listed"  # major, and not listed yet
    fits = (
        h for h in _rows(reader, "hazard list --limit 0 --state all")
        if h["state"] in states and (not _is_listed(h) if lists else not h["is_overdue"])
    )  # fmt: skip
    return ["act", _hazard(next(fits)), *words[2:]]


def hazard_in(reader: "Reader", state: str, severity: str = "") -> str:
    """A hazard that stands in this state."""
    like = f"--severity {severity}" if severity else ""
    return _hazard(_rows(reader, f"hazard list --limit 1 --state {state} {like}")[0])


def _is_listed(row: Mapping[str, Any]) -> bool:
    return row["listed_level"] not in ("", "none", None)


def _hazard(row: Mapping[str, Any]) -> str:
    return str(row["hazard"])


def _asked(reader: "Reader", text: str) -> Any:
    """What a command answers with --json."""
    return json.loads(reader.must(f"{text} --json --home HOME"))


def _rows(reader: "Reader", text: str) -> list[dict[str, Any]]:
    """The list that a command answers with."""
    told = _asked(reader, text)
    return told if isinstance(told, list) else next(v for v in told.values() if _is_rows(v))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, dict) for v in value)


def _town(reader: "Reader", what: str) -> str:
    town = reader.county.organisation.towns[0]
    return town.code if what == "code" else town.name.zh


def _objection(reader: "Reader") -> str:
    rows = _rows(reader, "objection list")
    return str(next((r for r in rows if r["state"] == "filed"), rows[-1])["objection_id"])


def _first(text: str, key: str, **like: str) -> Look:
    def look(reader: "Reader") -> str:
        found = _rows(reader, text)
        return next(str(r[key]) for r in found if all(r[k] == v for k, v in like.items()))

    return look


def _public(reader: "Reader") -> str:
    made = _asked(reader, f"vault key new --out {reader.work / f'pair-{reader.now:%H%M%S}'}")
    return str(made["public"])


def _fresh(name: str) -> Look:
    """A path that is not there yet; the same one until it is."""
    return lambda reader: str(reader.folder / name)


def _file(name: str) -> Look:
    return lambda reader: str(reader.work / name)


def _ledger(reader: "Reader") -> str:
    folder = reader.county.settings.sources["grid"].folder
    assert folder is not None
    return str(next(p for p in sorted(folder.iterdir()) if p.suffix == ".xlsx"))


def _home(reader: "Reader") -> str:
    return str(reader.home)


NAMES: Mapping[str, Look] = {
    "HOME": _home,
    "NEW_HOME": _fresh("restored"),
    "FOLDER": _fresh("backup"),
    "TOWN": lambda r: _town(r, "code"),
    "NAME": lambda r: "主任李虚构",
    "LEADER": lambda r: "主任李虚构",
    "CUSTODIAN": lambda r: "张三",
    "ORG": lambda r: "虚构市安委办",
    "OBJECTION": _objection,
    "LISTING": _first("listing list", "listing_id", state="proposed"),
    "NUMBER": _first("listing list", "number", state="in_force"),
    "KEY": _first("ladder list", "key"),
    "TOKEN": _first("vault list", "token", state="sealed"),
    "PUBLIC": _public,
}
FILES: Mapping[str, Look] = {
    "FILE": _file("table.xlsx"),
    "FILE.xlsx": _file("table.xlsx"),
    "LEDGER.xlsx": _ledger,
    "/backups/2025-03-10": _fresh("backup"),
    "/media/stick/custodian.key": _fresh("stick.key"),
    ".home/demo": _home,
}
EXAMPLES: Mapping[str, Look] = {
    "掌起镇": lambda r: _town(r, "name"),
    "330282104": lambda r: _town(r, "code"),
    "91330282MA2014776W": _first("place list --limit 1", "place_id"),
    "complaints:25-000017": _first("report list", "report"),
}
