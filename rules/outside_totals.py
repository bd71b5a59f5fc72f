"""Which rows are totals, and of which rows: declared, by their labels, or by arithmetic.

合计 is of all rows that are no totals, 小计 of those since the total before it (or up to the next
one): of the rows that a label allows those are taken that agree in most columns. Where no label
says so, a first or last row that sums the others, or the run of rows at its side, is a total.

A table may hold every unit several times, once per week or per source (`facets`); then each of
them has its own totals, and 合计 among the sources is the sum of the others of its unit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rules.outside_cells import Cell
from rules.outside_columns import Columns, Declared
from rules.outside_formulas import count
from rules.outside_table import Table
from rules.outside_words import Words, bare

LEAST_ROWS, LEAST_COLUMNS = 3, 2  # under these arithmetic alone proves no total


@dataclass(frozen=True)
class Total:
    """`row` is the sum of `parts` in `columns`. `how`: declared, words or arithmetic."""

    row: int
    parts: tuple[int, ...]
    how: str
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Rows:
    """What each row is: its label, whether it is a total, the facets it stands under. `means` are
    no counts at all; what stands `apart` (其中) is in other rows already."""

    labels: tuple[str, ...]
    totals: frozenset[int]
    subtotals: frozenset[int]
    means: frozenset[int]
    apart: frozenset[int]
    facets: tuple[int, ...]
    how: str


def rows_of(table: Table, columns: Columns, words: Words, declared: Declared) -> Rows:
    labels = tuple(_label(row, columns) for row in table.rows)
    if declared.totals:
        said = {bare(label) for label in declared.totals}
        totals = {n for n, label in enumerate(labels) if bare(label) in said}
    else:
        totals = {n for n, label in enumerate(labels) if words.is_total(label)}
    under = {n for n in totals if words.is_subtotal(labels[n])}
    means = {n for n, label in enumerate(labels) if words.is_no_part(label)}
    apart = {n for n, label in enumerate(labels) if words.of_which.search(bare(label))}
    how = "declared" if declared.totals else "words"
    return Rows(
        labels,
        totals=frozenset(totals),
        subtotals=frozenset(under),
        means=frozenset(means),
        apart=frozenset(apart),
        facets=_facets(table, columns),
        how=how,
    )


def _label(row: Sequence[Cell], columns: Columns) -> str:
    """What a row is called; where its unit is blank, the first words in it."""
    if columns.unit is not None and row[columns.unit].kind != "blank":
        return row[columns.unit].text
    return next((cell.text for cell in row if cell.kind == "text"), "")


def _facets(table: Table, columns: Columns) -> tuple[int, ...]:
    """Columns of words that tell apart the rows of one unit, where all units have as many."""
    if columns.unit is None:
        return ()
    units: defaultdict[str, list[int]] = defaultdict(list)
    for n, row in enumerate(table.rows):
        units[row[columns.unit].text].append(n)
    if len(units) < 2 or len({len(rows) for rows in units.values()}) > 1:
        return ()
    first = next(iter(units.values()))
    return tuple(c for c in columns.of("label") if len({table.rows[n][c].text for n in first}) > 1)


def totals(table: Table, columns: Columns, rows: Rows, words: Words) -> list[Total]:
    """Every total with its parts, in the order of the rows."""
    summed = [c for c in columns.of("count") if not words.not_summed.search(table.heads[c])]
    if not summed:
        return []
    finder = _Finder(table, tuple(summed), rows)
    found = [t for group in finder.groups() for t in finder.of_group(group)]
    return sorted([*_agreed(finder, found), *finder.of_facets(words)], key=lambda t: t.row)


@dataclass(frozen=True)
class _Finder:
    table: Table
    columns: tuple[int, ...]
    rows: Rows

    def groups(self) -> list[list[int]]:
        """Rows that stand under the same facets."""
        found: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for n, row in enumerate(self.table.rows):
            if n not in self.rows.means | self.rows.apart:
                found[tuple(row[c].text for c in self.rows.facets)].append(n)
        return list(found.values())

    def of_group(self, group: list[int]) -> list[Total]:
        labelled = [n for n in group if n in self.rows.totals]
        if not labelled:
            return list(self._by_arithmetic(group))
        found = [self._labelled(n, group, labelled) for n in labelled]
        return [total for total in found if total.parts]

    def _labelled(self, row: int, group: list[int], labelled: list[int]) -> Total:
        plain = [n for n in group if n not in self.rows.totals]
        near = self._near(row, group)
        others = [n for n in labelled if n != row]
        choices = [*near, plain, others] if row in self._under(labelled) else [plain, others, *near]
        parts = max(filter(None, choices), key=lambda c: self.agreeing(row, c), default=[])
        return Total(row, tuple(parts), self.rows.how, self.columns)

    def _under(self, labelled: list[int]) -> set[int]:
        """Of several totals those that are of a part of the rows, by their labels."""
        named = Counter(self.rows.labels[n] for n in labelled)
        return {
            n
            for n in labelled
            if len(labelled) > 1 and (n in self.rows.subtotals or named[self.rows.labels[n]] > 1)
        }

    def _near(self, row: int, group: list[int]) -> list[list[int]]:
        """The rows since the total before this one, and those up to the next."""
        at = group.index(row)
        above = _until(reversed(group[:at]), self.rows.totals)[::-1]
        return [above, _until(iter(group[at + 1 :]), self.rows.totals)]

    def agreeing(self, row: int, parts: Sequence[int]) -> int:
        """In how many columns a row is the sum of others, where there is anything to sum."""
        return sum(self.holds(row, parts, c) is True for c in self.columns)

    def holds(self, row: int, parts: Sequence[int], column: int) -> bool | None:
        total = count(self.table.rows[row][column])
        summed = sum_of(self.table.rows[n][column] for n in parts)
        if not total and not summed:
            return None
        return total == summed

    def _by_arithmetic(self, group: list[int]) -> Iterator[Total]:
        if len(group) < LEAST_ROWS or len(self.columns) < LEAST_COLUMNS:
            return
        for row, others in ((group[-1], group[:-1]), (group[0], group[1:])):
            if self._most(row, others):
                yield Total(row, tuple(others), "arithmetic", self.columns)
                return
        yield from self._runs(group[-1], group[:-1])

    def _most(self, row: int, parts: Sequence[int]) -> bool:
        judged = [self.holds(row, parts, c) for c in self.columns]
        known = [held for held in judged if held is not None]
        return len(known) >= LEAST_COLUMNS and 2 * sum(known) > len(known)

    def _runs(self, row: int, above: list[int]) -> Iterator[Total]:
        """Runs of rows right above a last row that it sums, one above the other."""
        end, running = len(above), self._nothing()
        for start in range(end - 1, -1, -1):
            for c in self.columns:
                running[c] += count(self.table.rows[above[start]][c]) or 0
            if end - start > 1 and self._reached(row, running):
                yield Total(row, tuple(above[start:end]), "arithmetic", self.columns)
                end, running = start, self._nothing()

    def _nothing(self) -> dict[int, Fraction]:
        return dict.fromkeys(self.columns, Fraction(0))

    def _reached(self, row: int, running: dict[int, Fraction]) -> bool:
        """Whether most columns of a row are what a run has come to."""
        cells = self.table.rows[row]
        held = [count(cells[c]) == n for c, n in running.items() if count(cells[c]) or n]
        return len(held) >= LEAST_COLUMNS and 2 * sum(held) > len(held)

    def of_facets(self, words: Words) -> Iterator[Total]:
        """合计 in a facet: the sum of the unit's rows that differ from it in this facet alone."""
        for facet in self.rows.facets:
            same: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
            for n, row in enumerate(self.table.rows):
                others = tuple(row[c].text for c in self.rows.facets if c != facet)
                same[self.rows.labels[n], *others].append(n)
            for found in same.values():
                whole = [n for n in found if words.is_total(self.table.rows[n][facet].text)]
                if len(whole) == 1 and len(found) > 2:
                    parts = tuple(n for n in found if n != whole[0])
                    yield Total(whole[0], parts, "words", self.columns)


def _until(rows: Iterator[int], stop: frozenset[int]) -> list[int]:
    found = []
    for n in rows:
        if n in stop:
            break
        found.append(n)
    return found


def sum_of(cells: Iterator[Cell]) -> Fraction | None:
    """The sum of what is printed; None where nothing is."""
    known = [value for value in map(count, cells) if value is not None]
    if all(value.denominator == 1 for value in known):  # fractions add up slowly
        return Fraction(sum(value.numerator for value in known)) if known else None
    return sum(known, Fraction(0))


def _agreed(finder: _Finder, found: list[Total]) -> Iterator[Total]:
    """Totals that no label names are of those columns alone in which most of them are sums."""
    by_runs = [t for t in found if t.how == "arithmetic" and finder.rows.facets]
    held: Counter[tuple[int, int]] = Counter()
    seen: Counter[tuple[int, int]] = Counter()
    for total in by_runs:
        for c in finder.columns:
            holds = finder.holds(total.row, total.parts, c)
            held[len(total.parts), c] += holds is True
            seen[len(total.parts), c] += holds is not None
    for total in found:
        kept = total.columns
        if total in by_runs:
            size = len(total.parts)
            kept = tuple(c for c in kept if 2 * held[size, c] > seen[size, c])
        yield Total(total.row, total.parts, total.how, kept)
