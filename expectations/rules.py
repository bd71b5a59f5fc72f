"""The rules that a row can break: stable code, severity, and wording for the rejection workbook.

A code never changes its meaning and is never reused. `critical` refuses the row, `warning` lets
it pass and is shown. This module imports nothing heavy: whoever explains a refused row needs no
Great Expectations.
"""

from collections.abc import Iterable

from expectations.rulebook import ALL, Rule
from schemas.source import ExtraRule

RULES: dict[str, Rule] = {rule.code: rule for rule in ALL}


def rules_with(extra: Iterable[ExtraRule]) -> dict[str, Rule]:
    """The rules of one source: ours, and what its declaration adds or makes stricter."""
    rules = dict(RULES)
    for rule in extra:
        known = rules.get(rule.code)
        fixes = (known.fix_zh, known.fix_en) if known else ("", "")
        rules[rule.code] = Rule(rule.code, rule.severity, rule.message.zh, rule.message.en, *fixes)
    return rules


def most_severe_first(codes: Iterable[str], rules: dict[str, Rule]) -> list[str]:
    """Codes in the order they are shown: critical before warning, then by code."""
    return sorted(set(codes), key=lambda c: (rules[c].severity != "critical", c))
