"""Editions that hold what nobody should send: for every kind of file the same ones."""

from copy import deepcopy
from typing import Any

from schemas.edition import Edition

NAMES = (
    "=cmd|'/c calc'!A1",
    "a\x00b\x1b[31m",
    "长" * 40_000,
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "𠀀" * 300 + "\ud800",
    "W" * 40_000,
    "",
    " \t\n ",
    "%s(\\",
)


def hostile(edition: Edition) -> Edition:
    """The same edition with names, titles and texts replaced by all of NAMES in turn."""
    changed: Any = deepcopy(edition)
    body = changed["body"]
    for i, unit in enumerate((*body["towns"], *body["sectors"])):
        unit["name"] = dict.fromkeys(("zh", "en"), NAMES[i % len(NAMES)])
    for i, item in enumerate(body["listed"]):
        item["unit_name"] = item["number"] = NAMES[i % len(NAMES)]
    for i, owed in enumerate((*body["missing"], *body["late"])):
        owed["source_title"] = owed["unit_name"] = dict.fromkeys(("zh", "en"), NAMES[i])
    body["county"] = {"code": "<b>", "name": dict.fromkeys(("zh", "en"), "<县>&" * 5_000)}
    return changed  # type: ignore[no-any-return]
