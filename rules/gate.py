"""The publish gate: every printed figure recomputed from the others by a path of its own.

Shares no code with counting or scoring. It recomputes the balance, every total from its towns and
its sectors, every split, every rate, every score and rank, and compares the week's counts with
counts taken independently from the ledger. Any disagreement refuses publication and names the
cell. A body that passes cannot differ from a true one in a single figure by one (tests/rules).

    refusals = check(body, {("towns", "330282002", "all"): {"closing": 12, …}, …})
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rules.gate_annex import check_annex
from rules.gate_audience import check_audience
from rules.gate_frozen import check_frozen
from rules.gate_laws import AT_END, FILED, GAINS, LOSSES, OF_SOURCES_TOO, PARTS, PLACES, RATES
from rules.gate_refusal import REASONS, Refusal, differ
from rules.gate_standing import check_standing, number, printed_rate
from rules.gate_statutory import check_statutory
from schemas.edition import COVERAGE_MEASURES, MEASURES, SCOPES, SPLITS, Body, Scope, Split, Unit

__all__ = ["REASONS", "Refusal", "check"]

Recount = Mapping[tuple[str, str, str], Mapping[str, int]]


def check(
    body: Body,
    items: Recount,
    last: Body | None = None,
    earlier: Sequence[Body] | None = None,
) -> list[Refusal]:
    """Every disagreement in `body`, in the order of its cells; an empty list lets it pass.

    `items`: (kind, code, split) → measure → count, kind "towns", "sectors" or "total", for the
    week, counted from the ledger by another path, what stood open when the week began included; a
    unit that is not there counts as zeros. `last`: the edition that `last_rank` refers to;
    `earlier`: those that the annex sums, None where they are not at hand.
    """
    broken = [*_incomplete(body), *_without_rates(body), *_named_twice(body)]
    if broken:
        return broken
    found = [*_units(body), *_sums(body), *_lists(body), *_recounted(body, items)]
    found += [*check_standing(body, RATES, last), *check_annex(body, RATES, earlier)]
    return [*found, *check_statutory(body), *check_frozen(body), *check_audience(body)]


def _rows(body: Body) -> Iterator[tuple[str, Unit]]:
    """Every unit with the beginning of its cells' names."""
    yield "total", body["total"]
    for unit in body["towns"]:
        yield f"towns.{unit['code']}", unit
    for unit in body["sectors"]:
        yield f"sectors.{unit['code']}", unit


def _incomplete(body: Body) -> Iterator[Refusal]:
    for name, unit in _rows(body):
        for scope in SCOPES:
            for split in SPLITS:
                counts = unit["counts"].get(scope, {}).get(split, {})
                for measure in (m for m in _expected(body, name, scope, split) if m not in counts):
                    cell = f"{name}.{scope}.{split}.{measure}"
                    yield Refusal(cell, "missing_figure", "a count", "nothing")


def _expected(body: Body, name: str, scope: Scope, split: Split) -> Iterable[str]:
    """Coverage stands under "all" only, wherever the total has it; sectors file nothing."""
    total = body["total"]["counts"].get(scope, {}).get("all", {})
    of_sectors = (*PLACES, "found_outside")
    covering = of_sectors if name.startswith("sectors") else COVERAGE_MEASURES
    return (*MEASURES, *(m for m in covering if m in total and split == "all"))


def _without_rates(body: Body) -> Iterator[Refusal]:
    """Every town has the rates that the total has."""
    for scope in SCOPES:
        for split in SPLITS:
            total = body["total"]["rates"][scope][split]
            for unit in body["towns"]:
                for name in (n for n in total if n not in unit["rates"][scope][split]):
                    cell = f"towns.{unit['code']}.{scope}.{split}.{name}"
                    yield Refusal(cell, "missing_figure", "a rate", "nothing")


def _named_twice(body: Body) -> Iterator[Refusal]:
    lists = {
        "towns": [unit["code"] for unit in body["towns"]],
        "sectors": [unit["code"] for unit in body["sectors"]],
    }
    for kind, codes in lists.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield Refusal(f"{kind}.{code}", "named_twice", "1", str(times))


def _units(body: Body) -> Iterator[Refusal]:
    for name, unit in _rows(body):
        for scope in SCOPES:
            for split in SPLITS:
                yield from _counts(f"{name}.{scope}.{split}", unit["counts"][scope][split])
                yield from _rates(f"{name}.{scope}.{split}", unit, scope, split)
            yield from _splits(f"{name}.{scope}", unit, scope)
        yield from _ends(name, unit)


def _counts(cell: str, counts: Mapping[str, int]) -> Iterator[Refusal]:
    for measure, count in counts.items():
        if count < 0:
            yield Refusal(f"{cell}.{measure}", "negative", "0 or more", str(count))
    closing = sum(counts[m] for m in GAINS) - sum(counts[m] for m in LOSSES)
    yield from differ(f"{cell}.closing", "balance", closing, counts["closing"])
    for part, whole in PARTS:
        if counts.get(part, 0) > counts.get(whole, 0):
            limit = f"at most {counts.get(whole, 0)} ({whole})"
            yield Refusal(f"{cell}.{part}", "part_exceeds_whole", limit, str(counts[part]))


def _splits(cell: str, unit: Unit, scope: Scope) -> Iterator[Refusal]:
    counts = unit["counts"][scope]
    for m in MEASURES:
        both = counts["self_check"][m] + counts["supervision"][m]
        yield from differ(f"{cell}.all.{m}", "sum_of_splits", both, counts["all"][m])
    outside = counts["all"].get("found_outside")
    if outside is not None:
        found = counts["supervision"]["found"]
        yield from differ(f"{cell}.all.found_outside", "sum_of_splits", found, outside)


def _ends(name: str, unit: Unit) -> Iterator[Refusal]:
    own = unit["counts"]["period"]
    for scope in SCOPES[1:]:
        for split in SPLITS:
            for m in AT_END:
                cell = f"{name}.{scope}.{split}.{m}"
                yield from differ(
                    cell, "end_differs", own[split][m], unit["counts"][scope][split][m]
                )


def _rates(cell: str, unit: Unit, scope: Scope, split: Split) -> Iterator[Refusal]:
    counts = unit["counts"][scope][split]
    for name, rate in unit["rates"][scope][split].items():
        if name not in RATES:
            yield Refusal(f"{cell}.{name}", "unknown_rate", f"one of {sorted(RATES)}", name)
            continue
        part, whole = (counts.get(measure, 0) for measure in RATES[name])
        printed = f"{rate['numerator']}/{rate['denominator']}"
        yield from differ(f"{cell}.{name}", "rate_parts", f"{part}/{whole}", printed)
        value = printed_rate(part, whole)
        yield from differ(f"{cell}.{name}", "rate_value", value, rate["value"])


def _sums(body: Body) -> Iterator[Refusal]:
    for scope in SCOPES:
        for split in SPLITS:
            yield from _sums_of_towns(body, scope, split)
            yield from _sums_of_sectors(body, scope, split)
            yield from _ranges(body, scope, split)


def _sums_of_towns(body: Body, scope: Scope, split: Split) -> Iterator[Refusal]:
    total = body["total"]["counts"][scope][split]
    for m in (*MEASURES, *(p for p in PLACES if p in total)):
        summed = sum(unit["counts"][scope][split][m] for unit in body["towns"])
        yield from differ(f"total.{scope}.{split}.{m}", "sum_of_towns", summed, total[m])
    cell = f"total.{scope}.{split}.moved_in"
    yield from differ(cell, "moves_unpaired", total["moved_out"], total["moved_in"])
    for m in FILED:
        summed = sum(u["counts"][scope][split].get(m, 0) for u in body["towns"])
        if summed > total.get(m, 0):
            cell = f"total.{scope}.{split}.{m}"
            yield Refusal(cell, "sum_of_towns", f"at least {summed}", str(total.get(m)))


def _sums_of_sectors(body: Body, scope: Scope, split: Split) -> Iterator[Refusal]:
    """Hazards move between towns, never between sectors; a place may have no sector."""
    total = body["total"]["counts"][scope][split]
    for m in (m for m in MEASURES if m not in ("moved_in", "moved_out")):
        summed = sum(unit["counts"][scope][split][m] for unit in body["sectors"])
        yield from differ(f"total.{scope}.{split}.{m}", "sum_of_sectors", summed, total[m])
    for m in (p for p in PLACES if p in total):
        summed = sum(unit["counts"][scope][split][m] for unit in body["sectors"])
        if summed > total[m]:
            cell = f"total.{scope}.{split}.{m}"
            yield Refusal(cell, "sum_of_sectors", f"at least {summed}", str(total[m]))


def _ranges(body: Body, scope: Scope, split: Split) -> Iterator[Refusal]:
    """A total rate lies between its least and greatest part, where the towns are all its parts.

    A town may reopen what nobody closed of late: a rate without bounds, which prints as "/".
    """
    for name, rate in body["total"]["rates"][scope][split].items():
        total = number(rate["value"])
        if name in OF_SOURCES_TOO or total is None:
            continue
        towns = [u["rates"][scope][split][name] for u in body["towns"]]
        parts = [part for part in (number(r["value"]) for r in towns) if part is not None]
        boundless = any(r["numerator"] and not r["denominator"] for r in towns)
        if not parts or total < min(parts) or (total > max(parts) and not boundless):
            limits = f"{float(min(parts))}..{float(max(parts))}" if parts else "no part"
            yield Refusal(f"total.{scope}.{split}.{name}", "rate_range", limits, rate["value"])


def _lists(body: Body) -> Iterator[Refusal]:
    listed = Counter((item["sector"], item["level"]) for item in body["listed"])
    matrix: Counter[tuple[str, str]] = Counter()
    for row in body["listed_matrix"]:
        matrix[str(row["sector"]), str(row["level"])] += int(row["count"])
    for key in sorted(listed.keys() | matrix.keys()):
        cell = f"listed_matrix.{'.'.join(key)}"
        yield from differ(cell, "listed_matrix", listed[key], matrix[key])
    named = Counter(row["unit"] for row in (*body["missing"], *body["late"]))
    for unit in body["towns"]:
        counts = unit["counts"]["period"]["all"]
        open_ones = counts.get("submissions_owed", 0) - counts.get("submissions_in_time", 0)
        cell = f"towns.{unit['code']}.period.all.submissions_in_time"
        yield from differ(cell, "unreported", named[unit["code"]], open_ones)


def _recounted(body: Body, items: Recount) -> Iterator[Refusal]:
    units = {(name.split(".")[0], unit["code"]): unit for name, unit in _rows(body)}
    printed: dict[tuple[str, str, str], dict[str, int]] = {
        (*key, split): unit["counts"]["period"][split]
        for key, unit in units.items()
        for split in SPLITS
    }
    for kind, code, split in dict.fromkeys([*printed, *items]):
        measures = dict.fromkeys(m for key in items if key[0] == kind for m in items[key])
        for m in measures:
            counted = items.get((kind, code, split), {}).get(m, 0)
            shown = printed.get((kind, code, split), {}).get(m, 0)
            yield from differ(f"{kind}.{code}.period.{split}.{m}", "recount", counted, shown)
