"""The rules that a row can break: stable code, severity, and wording for the rejection workbook.

The rules themselves stand in `rulebook.yaml`. A code never changes its meaning and is never
reused. `critical` refuses the row, `warning` lets it pass and is shown. This module imports
nothing heavy: whoever explains a refused row needs no Great Expectations.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from schemas.source import ExtraRule

Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Rule:
    """One rule: what is wrong (`zh`, `en`) and what to do about it (`fix_zh`, `fix_en`)."""

    code: str
    severity: Severity
    zh: str
    en: str
    fix_zh: str
    fix_en: str


def _shipped() -> dict[str, Rule]:
    text = (Path(__file__).parent / "rulebook.yaml").read_text("utf-8")
    return {code: Rule(code=code, **said) for code, said in yaml.safe_load(text).items()}


RULES: dict[str, Rule] = _shipped()


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
