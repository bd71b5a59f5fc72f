"""The vocabulary in which suites are written: each function gives expectations with rule codes.

Great Expectations is imported inside the functions: its import costs seconds, and whoever only
explains rules must not pay for it.
"""

import os
from collections.abc import Iterable
from typing import Any

from expectations.rules import RULES
from schemas.organisation import Extent
from schemas.period import DAY_MS
from schemas.records import RecordShape


def gx() -> Any:
    """Great Expectations with its phone-home off; the only way in."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    return great_expectations


def expectation(name: str, code: str, severity: str | None = None, **arguments: Any) -> Any:
    """One expectation by its class name, with the rule's code and severity in it."""
    severity = severity or RULES[code].severity
    maker = getattr(gx().expectations, name)
    return maker(severity=severity, meta={"code": code, "severity": severity}, **arguments)


def suite_of(shape: RecordShape, expectations: Iterable[Any]) -> Any:
    """The suite of a record; T007, that the store has room for every text, is in each."""
    everything = [*expectations, absent("too_long", "T007")]
    return gx().ExpectationSuite(name=shape.kind.value, expectations=everything)


def required(shape: RecordShape) -> list[Any]:
    """R001 for blank text, D001 for a blank time: every required field of the record."""
    made = []
    for field in shape.fields:
        if field.required and field.kind in ("time", "date"):
            made.append(_filled(f"{field.name}__raw", "D001"))
        elif field.required:
            read = field.kind in ("integer", "decimal", "money", "flag")
            made.append(_filled(f"{field.name}__raw" if read else field.name, "R001"))
    return made


def readable(shape: RecordShape) -> list[Any]:
    """D002, N001 and U003: whatever was written could be read."""
    codes = {"time": "D002", "date": "D002", "flag": "U003"}
    return [
        absent(f"{f.name}__unread", codes.get(f.kind, "N001"))
        for f in shape.fields
        if f.kind not in ("text", "code")
    ]


def not_negative(*columns: str) -> list[Any]:
    return [_between(c, "N001", 0, None) for c in columns]


def not_after_receipt(*columns: str) -> list[Any]:
    """D003: nothing is claimed for later than a day after it was received."""
    return [_between(f"{c}__ahead", "D003", None, DAY_MS) for c in columns]


def within(extent: Extent | None) -> list[Any]:
    """G001: coordinates lie in the county; nothing is expected where its extent is not declared."""
    if extent is None:
        return []
    return [
        _between("longitude__degrees", "G001", float(extent.west), float(extent.east)),
        _between("latitude__degrees", "G001", float(extent.south), float(extent.north)),
    ]


def one_of(column: str, words: Iterable[str], code: str = "U003") -> Any:
    return expectation("ExpectColumnValuesToBeInSet", code, column=column, value_set=list(words))


def absent(column: str, code: str) -> Any:
    """Nothing is to be found in a companion column that holds what is wrong."""
    return expectation("ExpectColumnValuesToBeNull", code, column=column)


def unlike(column: str, regex: str, code: str) -> Any:
    return expectation("ExpectColumnValuesToNotMatchRegex", code, column=column, regex=regex)


def sound() -> list[Any]:
    """T003, T005, T006, D004, N002: no text and no time is beyond what can be meant."""
    return [
        absent("unstorable", "T003"),
        absent("invisible", "T005"),
        absent("lookalike", "T006"),
        absent("distant", "D004"),
        absent("rounded", "N002"),
    ]


def _filled(column: str, code: str) -> Any:
    return expectation("ExpectColumnValuesToNotBeNull", code, column=column)


def _between(column: str, code: str, least: float | None, most: float | None) -> Any:
    return expectation(
        "ExpectColumnValuesToBeBetween", code, column=column, min_value=least, max_value=most
    )
