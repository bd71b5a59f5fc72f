"""Which counts a rate is of: declared, else by the words of the headings and by arithmetic.

A formula that the words allow is taken where it agrees with most rows. Where none does, one that
arithmetic alone finds is taken only if the words allow nothing: else the words are believed, the
rate is of the wrong parts, and every row of it is reported. `rival` then says what it is of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice, pairwise, permutations, product

from rules.outside_cells import ROUNDINGS, Cell, Rounding, rounded
from rules.outside_columns import Columns, Declared, RateDeclared, named
from rules.outside_table import Table
from rules.outside_words import SAME_GROUP, Words

MAX_COUNTS = 60  # columns among which a formula is looked for by arithmetic alone
SAMPLE = 200  # rows that are looked at for a guess
GLANCE = 8  # rows that leave a pair some hope, or none
ENOUGH = 2  # rows that arithmetic alone must explain, other than by 0 or 100 %


@dataclass(frozen=True)
class Parts:
    """above / (below − less), by columns."""

    above: int
    below: int
    less: int | None = None

    @property
    def columns(self) -> list[int]:
        return [self.above, self.below, *([] if self.less is None else [self.less])]


@dataclass(frozen=True)
class Formula:
    """`how`: declared, words, arithmetic or both."""

    rate: int
    parts: Parts
    how: str
    rounding: Rounding = "half_up"
    rival: Parts | None = None


def formulas(table: Table, columns: Columns, words: Words, declared: Declared) -> list[Formula]:
    """One formula for every rate column for which one can be told."""
    said = dict(_declared(table, words, declared))
    found = []
    for rate in columns.of("rate"):
        judge = _Judge(table, columns, rate)
        formula = said.get(rate) or _guessed(judge, words)
        if formula is not None:
            found.append(replace(formula, rounding=_rounding(judge, formula.parts, declared)))
    return found


def count(cell: Cell) -> Fraction | None:
    """What a cell counts: a dash is nothing, a blank is unknown."""
    if cell.figure is not None:
        return cell.figure.value
    return Fraction(0) if cell.kind == "dash" else None


def quotient(row: Sequence[Cell], parts: Parts) -> tuple[Fraction, Fraction] | None:
    """What stands above and below the line in a row; None where a count is missing."""
    above, below = count(row[parts.above]), count(row[parts.below])
    less = Fraction(0) if parts.less is None else count(row[parts.less])
    if above is None or below is None or less is None:
        return None
    return above, below - less


@dataclass(frozen=True)
class _Judge:
    """How well a formula explains one rate column. Guesses are made in floating point, of the
    first rows; what is reported is exact."""

    table: Table
    columns: Columns
    rate: int

    @cached_property
    def printed(self) -> list[tuple[float, float] | None]:
        """(rate in percent, one in its last place) per row."""
        cells = self.table.column(self.rate)[:SAMPLE]
        known = [self.columns.rate(cell, self.rate) for cell in cells]
        return [None if f is None else (float(f.value), float(f.step)) for f in known]

    @cached_property
    def counts(self) -> dict[int, list[float | None]]:
        """Per count column what its rows count."""
        return {n: self._counted(n) for n in self.columns.of("count")}

    def _counted(self, n: int) -> list[float | None]:
        values = [count(cell) for cell in self.table.column(n)[:SAMPLE]]
        return [None if value is None else float(value) for value in values]

    def votes(self, parts: Parts, most: int = SAMPLE) -> "Votes":
        judged = agreeing = telling = 0
        nothing = [0.0] * SAMPLE
        less = nothing if parts.less is None else self.counts[parts.less]
        columns = zip(self.printed, self.counts[parts.above], self.counts[parts.below], less)  # noqa: B905
        for printed, above, below, minus in islice(columns, most):
            if printed is None or above is None or below is None or minus is None:
                continue
            if below - minus > 0:
                judged += 1
                if abs(printed[0] - 100 * above / (below - minus)) < printed[1]:
                    agreeing += 1
                    telling += above not in (0, below - minus)
        return Votes(judged, agreeing, telling)

    def exact(self, parts: Parts, how: Rounding) -> list[tuple[bool, bool]]:
        """Per row that can be judged: (does the printed rate agree, rounded `how`; would it
        differ from half up)."""
        found = []
        for row in self.table.rows:
            printed = self.columns.rate(row[self.rate], self.rate)
            made = quotient(row, parts)
            if printed is not None and made is not None and made[1] > 0:
                value, places = 100 * made[0] / made[1], printed.places
                expected = rounded(value, places, how)
                found.append((printed.value == expected, expected != rounded(value, places)))
        return found


@dataclass(frozen=True)
class Votes:
    """Rows judged, rows that agree, those of them that are neither 0 nor 100 %."""

    judged: int
    agreeing: int
    telling: int

    @property
    def most(self) -> bool:
        return 2 * self.agreeing > self.judged


def _rounding(judge: _Judge, parts: Parts, declared: Declared) -> Rounding:
    """Half up, unless another way explains a whole column, in two cells or more against it."""
    if declared.rounding is not None:
        return declared.rounding
    if all(agrees for agrees, _ in judge.exact(parts, "half_up")):
        return "half_up"
    for how in ROUNDINGS[1:]:
        rows = judge.exact(parts, how)
        if all(agrees for agrees, _ in rows) and sum(differs for _, differs in rows) > 1:
            return how
    return "half_up"


def _declared(table: Table, words: Words, declared: Declared) -> Iterator[tuple[int, Formula]]:
    for said in declared.rates:
        for rate in named(table, said.rate):
            parts = _parts_of(table, words, rate, said)
            if parts is not None:
                yield rate, Formula(rate, parts, "declared")


def _parts_of(table: Table, words: Words, rate: int, said: RateDeclared) -> Parts | None:
    """Of columns of one name those that belong to the rate most closely."""
    above, below, less = (
        nearest(table, words, rate, named(table, name))
        for name in (said.above, said.below, said.less)
    )
    return None if above is None or below is None else Parts(above, below, less)


def nearest(table: Table, words: Words, column: int, among: Iterable[int]) -> int | None:
    """The column that belongs most closely to one; of equals the nearest."""
    return min(
        among, key=lambda n: (-words.belong(table, column, n), abs(column - n)), default=None
    )


def _guessed(judge: _Judge, words: Words) -> Formula | None:
    allowed = _within_group(judge, list(_allowed(judge, words)))
    agreeing = [parts for _, parts in allowed if judge.votes(parts).most]
    if agreeing:
        return Formula(judge.rate, max(agreeing, key=lambda p: judge.votes(p).agreeing), "both")
    found = _by_arithmetic(judge)
    if found is not None and (not allowed or _is_named_after(judge, words, found, allowed)):
        return Formula(judge.rate, found, "arithmetic")
    return _by_words(judge, allowed, found)


def _within_group(judge: _Judge, allowed: list[tuple[int, Parts]]) -> list[tuple[int, Parts]]:
    """Under a group's heading a rate is of that group's counts, if it has them."""
    inside = [(level, parts) for level, parts in allowed if level == SAME_GROUP]
    return inside if inside and judge.table.group(judge.rate) else allowed


def _by_words(
    judge: _Judge, allowed: list[tuple[int, Parts]], rival: Parts | None
) -> Formula | None:
    """The formula of the columns that belong most closely, though it agrees with few rows."""
    best = max((level for level, _ in allowed), default=0)
    likely = [parts for level, parts in allowed if level == best]
    if not likely:
        return None
    if rival is None and len(likely) > 1 and not any(judge.votes(p).agreeing for p in likely):
        return None
    chosen = max(likely, key=lambda p: judge.votes(p).agreeing)
    return Formula(judge.rate, chosen, "words", rival=rival)


def _is_named_after(
    judge: _Judge, words: Words, parts: Parts, allowed: list[tuple[int, Parts]]
) -> bool:
    """按时派单率 is of 按时派单 and something, if all rows agree and nothing that the words allow
    below that line has to do with 派单 or stands under one heading with it."""
    votes, leaves = judge.votes(parts), judge.table.leaves
    rate, above = (words.stem(leaves[n]) for n in (judge.rate, parts.above))
    same = [leaves[p.below] for _, p in allowed if p.above == parts.above]
    kin = judge.table.group(judge.rate) or any(_shares(rate, leaf) for leaf in same)
    return votes.agreeing == votes.judged and rate == above != "" and not (same and kin)


def _shares(one: str, other: str) -> bool:
    """Whether two names have two signs in a row in common."""
    return any(pair in other for pair in map("".join, pairwise(one)))


def _allowed(judge: _Judge, words: Words) -> Iterator[tuple[int, Parts]]:
    """Formulas that the words of the headings allow, with how closely their columns belong."""
    table, counts = judge.table, judge.columns.of("count")
    said = words.of_rate(table.leaves[judge.rate])
    if said is None:
        return
    measure = {n: words.measure(table.leaves[n]) for n in counts}
    aboves = [n for n in counts if measure[n] in said.above]
    for names in said.below:
        below, _, less = names.partition(" - ")
        wholes = [n for n in counts if measure[n] == below]
        minuses: list[int | None] = [n for n in counts if measure[n] == less] if less else [None]
        for above, whole, minus in product(aboves, wholes, minuses):
            parts = Parts(above, whole, minus)
            if len(set(parts.columns)) == len(parts.columns):
                level = min(words.belong(table, judge.rate, n) for n in (above, whole))
                yield level, parts


def _by_arithmetic(judge: _Judge) -> Parts | None:
    """The pair of counts that explains most of a rate column; of equals the nearest."""
    best: tuple[int, int, Parts] | None = None
    for above, below in permutations(judge.columns.of("count")[:MAX_COUNTS], 2):
        parts = Parts(above, below)
        glance = judge.votes(parts, GLANCE)
        if not glance.agreeing and glance.judged >= GLANCE // 2:
            continue  # most pairs end here
        votes = judge.votes(parts)
        if votes.most and votes.telling >= ENOUGH:
            far = abs(judge.rate - above) + abs(judge.rate - below)
            if best is None or (votes.agreeing, -far) > best[:2]:
                best = (votes.agreeing, -far, parts)
    return None if best is None else best[2]
