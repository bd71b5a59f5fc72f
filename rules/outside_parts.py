"""Which columns are parts of which: declared, else by the headings, borne out by arithmetic.

A whole is the sum of its parts (总数 = 一般 + 重大; 排查 = 整改 + 未整改; 合计 of the others beside
it) or only not less than one (其中). A guess stands where it agrees with most rows as the columns
are or with two of them changed about, so that a swap is seen and not explained away.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rules.outside_cells import Cell
from rules.outside_columns import Columns, Declared, named
from rules.outside_formulas import SAMPLE, Formula, count, nearest
from rules.outside_table import Table
from rules.outside_totals import sum_of
from rules.outside_words import Words

TO_DATE = 5  # of Words.kinds
PAIRS = ((0, 1), (2, 3))  # kinds of Words.kinds that make up a whole: general, major; self, others


@dataclass(frozen=True)
class PartsOf:
    """`whole` is the sum of `parts` in every row; with `at_most` none of them exceeds it."""

    whole: int
    parts: tuple[int, ...]
    how: str
    at_most: bool = False


def parts_of(
    table: Table, columns: Columns, words: Words, declared: Declared, rates: Sequence[Formula]
) -> list[PartsOf]:
    """What is declared, then what is guessed, each whole once."""
    said = list(_declared(table, words, declared))
    guess = _Guess(table, columns.of("count"), words)
    wholes = {p.whole for p in said}
    guessed = [p for p in guess.sums() if p.whole not in wholes]
    once = {p.whole: p for p in reversed(guessed)}
    less = [*guess.of_which(), *guess.to_date(), *_under_the_line(table, words, rates)]
    return [*said, *once.values(), *{(p.whole, p.parts): p for p in less}.values()]


def _declared(table: Table, words: Words, declared: Declared) -> Iterator[PartsOf]:
    for whole_name, names in declared.parts:
        for whole in named(table, whole_name):
            found = [nearest(table, words, whole, named(table, name)) for name in names]
            parts = tuple(n for n in found if n is not None)
            if len(parts) == len(names):
                yield PartsOf(whole, parts, "declared")


def _under_the_line(table: Table, words: Words, rates: Sequence[Formula]) -> Iterator[PartsOf]:
    """What a rate counts above its line is a part of what stands below it."""
    pairs = dict.fromkeys(
        (f.parts.below, f.parts.above, f.how)
        for f in rates
        if not words.unbounded.search(table.heads[f.rate]) and f.parts.less is None
    )
    for whole, part, how in pairs:
        yield PartsOf(whole, (part,), how, at_most=True)


@dataclass(frozen=True)
class _Guess:
    table: Table
    counts: list[int]
    words: Words

    def sums(self) -> Iterator[PartsOf]:
        for whole, parts in (*self._groups(), *self._pairs(), *self._beside(), *self._left()):
            if len(parts) > 1 and self._borne_out(whole, parts):
                yield PartsOf(whole, tuple(parts), "both")

    def _groups(self) -> Iterator[tuple[int, list[int]]]:
        """Columns of one name under several groups, of which one is 合计."""
        for n in self.counts:
            group = self.table.group(n)
            if group and self.words.whole.search(group):
                same = [m for m in self.counts if self.table.leaves[m] == self.table.leaves[n]]
                yield n, [m for m in same if m != n and self.table.group(m) not in ("", group)]

    def _pairs(self) -> Iterator[tuple[int, list[int]]]:
        """General and major, self-check and supervision, with the column that names neither."""
        for one, other in PAIRS:
            for a in self.counts:
                kinds = self._kinds(a)
                fits = [b for b in self._like(a) if self._kinds(b) == kinds - {one} | {other}]
                wholes = [w for w in self._like(a) if self._kinds(w) == kinds - {one}]
                if one in kinds and fits and wholes:
                    yield _closest(a, wholes), [a, _closest(a, fits)]

    def _beside(self) -> Iterator[tuple[int, list[int]]]:
        """A column that is called 合计 and nothing else, of the others in its group."""
        for n in self.counts:
            if self.table.leaves[n] and not self.words.whole.sub("", self.table.leaves[n]):
                same = [m for m in self.counts if self.table.group(m) == self.table.group(n)]
                yield n, [m for m in same if m != n]
                yield n, _run(reversed([m for m in same if m < n]), n, -1)
                yield n, _run([m for m in same if m > n], n, 1)

    def _left(self) -> Iterator[tuple[int, list[int]]]:
        """Found = closed + still open."""
        measure = {n: self.words.measure(self.table.leaves[n]) for n in self.counts}
        for n in self.counts:
            if measure[n] == "open":
                whole = self._nearest(n, [m for m in self.counts if measure[m] in ("found", "due")])
                part = self._nearest(n, [m for m in self.counts if measure[m] == "closed"])
                if whole is not None and part is not None and self._all_but_one(whole, [part, n]):
                    yield whole, [part, n]

    def of_which(self) -> Iterator[PartsOf]:
        """其中 is of the column before it."""
        before = None
        for n in self.counts:
            own = (self.table.leaves[n], self.table.group(n))
            if not any(self.words.of_which.search(words) for words in own):
                before = n
            elif before is not None and self._mostly_less(n, before):
                yield PartsOf(before, (n,), "words", at_most=True)

    def to_date(self) -> Iterator[PartsOf]:
        """Of what was found to date no more can be closed; in a single week more may be."""
        for n in self.counts:
            if self._measure(n) == "closed" and TO_DATE in self._kinds(n):
                found = [m for m in self.counts if self._measure(m) == "found"]
                kin = [m for m in found if self.words.belong(self.table, n, m)]
                whole = self._nearest(n, kin)
                if whole is not None and self._mostly_less(n, whole):
                    yield PartsOf(whole, (n,), "words", at_most=True)

    def _measure(self, n: int) -> str:
        return self.words.measure(self.table.leaves[n])

    def _mostly_less(self, part: int, whole: int) -> bool:
        pairs = [(count(row[part]), count(row[whole])) for row in self.table.rows[:SAMPLE]]
        known = [a <= b for a, b in pairs if a is not None and b is not None]
        return 2 * sum(known) > len(known)

    def _nearest(self, column: int, among: list[int]) -> int | None:
        return nearest(self.table, self.words, column, among)

    def _kinds(self, n: int) -> frozenset[int]:
        return self.words.kinds_of(self.table.heads[n])

    def _like(self, column: int) -> list[int]:
        """Other counts of the same thing, whatever their kind."""
        return [n for n in self.counts if n != column and self._thing(n) == self._thing(column)]

    def _thing(self, n: int) -> str:
        head = self.table.heads[n]
        for fitting in (*self.words.kinds, self.words.whole):
            head = fitting.sub("", head)
        return _LAYOUT.sub("", head)

    def _borne_out(self, whole: int, parts: Sequence[int]) -> bool:
        every = [whole, *parts]
        return any(self._most(turned, [n for n in every if n != turned]) for turned in every)

    def _most(self, whole: int, parts: Sequence[int]) -> bool:
        held = self._held(whole, parts)
        return bool(held) and 2 * sum(held) > len(held)

    def _all_but_one(self, whole: int, parts: Sequence[int]) -> bool:
        held = self._held(whole, parts)
        return len(held) > 2 and sum(held) >= len(held) - 1

    def _held(self, whole: int, parts: Sequence[int]) -> list[bool]:
        """Per row in which anything stands: is the whole the sum?"""
        rows = self.table.rows[:SAMPLE]
        both = [(count(row[whole]), sum_of(_at(row, parts))) for row in rows]
        return [total == summed for total, summed in both if total or summed]


_LAYOUT = re.compile(r"[数量()/\s·]|个数|件数|number|of", re.IGNORECASE)


def _at(row: Sequence[Cell], columns: Sequence[int]) -> Iterator[Cell]:
    return (row[n] for n in columns)


def _closest(column: int, among: Sequence[int]) -> int:
    return min(among, key=lambda n: abs(n - column))


def _run(columns: Iterable[int], start: int, step: int) -> list[int]:
    """Of columns those that stand right beside `start`."""
    found: list[int] = []
    for n in columns:
        if n != start + step * (len(found) + 1):
            break
        found.append(n)
    return found
