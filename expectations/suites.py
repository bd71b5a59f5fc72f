"""Which suite belongs to which canonical record, and what a source adds to it."""

import difflib
from collections.abc import Callable, Sequence
from typing import Any

from expectations import check, figure, finding, place, submission, update
from expectations.building import gx
from expectations.words import Words
from schemas.source import ExtraRule
from schemas.vocabulary import RecordKind

SUITES: dict[RecordKind, Callable[[Words], Any]] = {
    RecordKind.PLACE: place.suite,
    RecordKind.CHECK: check.suite,
    RecordKind.FINDING: finding.suite,
    RecordKind.UPDATE: update.suite,
    RecordKind.FIGURE: figure.suite,
    RecordKind.SUBMISSION: submission.suite,
}

# An extra rule with this expectation makes the suite's own expectations of its code as severe as
# it says, instead of writing a new one.
AS_SHIPPED = "as_shipped"


class RuleError(Exception):
    """A source's extra rule cannot be made into a row-level expectation."""


def suite_for(kind: RecordKind, words: Words, extra: Sequence[ExtraRule] = ()) -> Any:
    """The ExpectationSuite of one record with a source's extra rules.

    The `where` of an extra rule is expected as the boolean column `condition_name(position)`.
    """
    suite = SUITES[kind](words)
    added = [
        made
        for position, rule in enumerate(extra)
        if rule.record is kind
        for made in _extra(suite, rule, position)
    ]
    # Not add_expectation: that asks for a data context, which a suite does not need.
    suite.expectations = [*suite.expectations, *added]
    return suite


def condition_name(position: int) -> str:
    return f"extra_{position}__applies"


def _extra(suite: Any, rule: ExtraRule, position: int) -> list[Any]:
    options: dict[str, Any] = {
        "severity": rule.severity,
        "meta": {"code": rule.code, "severity": rule.severity},
    }
    if rule.where is not None:
        options["row_condition"] = _applies(position)
    if rule.expectation != AS_SHIPPED:
        return [_made(_maker(rule), rule, {**rule.arguments, **options})]
    shipped = [e for e in suite.expectations if e.meta["code"] == rule.code]
    if not shipped:
        raise RuleError(f"extra rule {rule.code}: the {rule.record} suite has no such code")
    return [_made(type(e), rule, {**_arguments(e), **options}) for e in shipped]


def _applies(position: int) -> Any:
    gx()
    from great_expectations.expectations.row_conditions import Column

    return Column(condition_name(position)) == True  # noqa: E712 builds a condition


def _arguments(expectation: Any) -> dict[str, Any]:
    return {k: v for k, v in expectation.configuration.kwargs.items() if k != "batch_id"}


def _maker(rule: ExtraRule) -> Any:
    shelf = gx().expectations
    name = "".join(part.capitalize() for part in rule.expectation.split("_"))
    for candidate in (rule.expectation, name):
        if candidate.startswith("ExpectColumn") and hasattr(shelf, candidate):
            return getattr(shelf, candidate)
    near = difflib.get_close_matches(name, [n for n in dir(shelf) if n.startswith("Expect")], 1)
    hint = f"; nearest is {near[0]}" if near else ""
    raise RuleError(f"extra rule {rule.code}: no expectation {rule.expectation!r}{hint}")


def _made(maker: Any, rule: ExtraRule, arguments: dict[str, Any]) -> Any:
    try:
        return maker(**arguments)
    except ValueError as error:  # pydantic's
        raise RuleError(f"extra rule {rule.code}: {rule.expectation}: {error}") from error
