"""What the words of a heading say about a column: a count of what, a rate of which, or neither.

The words themselves are data (`Words`), read by the caller. Words are a guess that arithmetic has
to bear out; see `rules.outside_formulas`.
"""

import re
from dataclasses import dataclass

from rules.outside_table import Table

_MARKS = re.compile(r"[数件个()%\s]|已|number|of", re.IGNORECASE)

SAME_GROUP = 2
Fitting = re.Pattern[str]


@dataclass(frozen=True)
class RateWords:
    """A rate by name, and the measures above and below its line; "a - b" is a difference."""

    rate: Fitting
    above: tuple[str, ...]
    below: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    total: Fitting
    subtotal: Fitting
    average: Fitting
    unit: Fitting
    ignored: Fitting
    not_summed: Fitting
    rate: Fitting
    rate_row: Fitting
    unbounded: Fitting
    kinds: tuple[Fitting, ...]
    measures: tuple[tuple[str, Fitting], ...]
    rates: tuple[RateWords, ...]
    whole: Fitting
    of_which: Fitting

    def measure(self, leaf: str) -> str:
        """What a count is of, "" where no word says so."""
        return next((name for name, fitting in self.measures if fitting.search(leaf)), "")

    def of_rate(self, leaf: str) -> RateWords | None:
        return next((words for words in self.rates if words.rate.search(leaf)), None)

    def is_total(self, label: str) -> bool:
        return self.total.fullmatch(bare(label)) is not None

    def is_subtotal(self, label: str) -> bool:
        return self.subtotal.fullmatch(bare(label)) is not None

    def is_no_part(self, label: str) -> bool:
        """Whether a row is a mean or a rate, which no sum is made of."""
        text = bare(label)
        return self.average.fullmatch(text) is not None or bool(self.rate_row.search(text))

    def stem(self, leaf: str) -> str:
        """A heading without what makes it a count or a rate: 整改数 and 整改率(%) are 整改."""
        return _MARKS.sub("", self.rate.sub("", leaf)).lower()

    def kinds_of(self, head: str) -> frozenset[int]:
        """Which of the setting-apart words a heading holds."""
        return frozenset(n for n, fitting in enumerate(self.kinds) if fitting.search(head))

    def belong(self, table: Table, one: int, other: int) -> int:
        """How closely two columns belong together: SAME_GROUP, the same kinds under one group's
        heading; 1, the same kinds; 0, neither."""
        if self.kinds_of(table.heads[one]) != self.kinds_of(table.heads[other]):
            return 0
        return SAME_GROUP if table.group(one) == table.group(other) else 1


def bare(label: str) -> str:
    """A row's label without the white space and brackets that lay it out: 合　计 is 合计."""
    text = label.strip()
    joined = "".join(text.split()) if not text.isascii() else " ".join(text.split())
    return joined.strip("()（）:：").replace("（", "(").replace("）", ")")
