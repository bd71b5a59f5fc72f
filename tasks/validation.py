"""The validation page: what came, what was taken, refused and warned of, by source and week.

Figures are those of the store, as they stand; nothing here counts a delivery again. Example cells
come from quarantine, where reporters are sealed since landing; their columns are left out as well.
"""

from collections import Counter
from pathlib import Path

import orjson
import pandas as pd

from expectations.rules import rules_with
from tasks.county import County
from tasks.intake.quarantined import shown
from tasks.rejecting import FieldColumns
from tasks.rendering.validation import Example, Page, Remark, Tally, WorstRule, render
from tasks.store import validation
from tasks.store.engine import reading

WEEKS, RULES_SHOWN, EXAMPLES, NEWEST = 12, 12, 3, 40
_COUNTS = ["rows_received", "rows_taken", "rows_refused", "rows_known", "rows_warned"]


def write(county: County, lang: str = "zh") -> Path:
    """Write HOME/pages/validation.html; its path."""
    path = county.home / "pages" / "validation.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(page(county, lang), lang))
    return path


def page(county: County, lang: str) -> Page:
    with reading(county.engine) as connection:
        rows = validation.submissions(connection, county.code)
        refused = validation.refused(connection, county.code)
    weekly = rows.groupby("period")[_COUNTS].sum().sort_index().tail(WEEKS)
    newest = rows[rows["rows_received"] > 0].iloc[::-1].head(NEWEST)
    titles = {n: getattr(d.title, lang) for n, d in county.sources.items()}
    towns = {t.code: getattr(t.name, lang) for t in county.organisation.towns}
    by_source = rows.groupby("source", sort=True)[_COUNTS].sum()
    return Page(
        getattr(county.organisation.name, lang),
        tuple(_tally(titles.get(str(s), str(s)), r) for s, r in by_source.iterrows()),
        tuple(_tally(str(period), r) for period, r in weekly.iterrows()),
        tuple(_tally(_unit(r, towns, titles), r) for _, r in newest.iterrows()),
        tuple(_worst(county, rows, refused, lang)),
        tuple(_remarks(newest, towns, titles, lang)),
    )


def _unit(row: pd.Series, towns: dict[str, str], titles: dict[str, str]) -> str:
    """The town that reported, or the source that reports alone."""
    return towns.get(str(row["reporting_unit"]), titles.get(str(row["source"]), str(row["source"])))


def _tally(named: str, row: pd.Series) -> Tally:
    counts = (int(row[c]) for c in _COUNTS)
    return Tally(named, str(row.get("period", "")), *counts)


def _worst(county: County, rows: pd.DataFrame, refused: pd.DataFrame, lang: str) -> list[WorstRule]:
    """Rules by rows refused, then by rows warned of, with cells that broke them."""
    rules = rules_with(r for d in county.sources.values() for r in d.extra_rules)
    refusing = Counter(c for codes in refused["codes"] for c in codes.split(","))
    warning: Counter[str] = Counter()
    for text in rows["warned_by"]:
        warning.update(orjson.loads(text or "{}"))
    ranked = sorted({*refusing, *warning}, key=lambda c: (-refusing[c], -warning[c], c))
    return [
        WorstRule(
            code,
            (rules[code].zh if lang == "zh" else rules[code].en) if code in rules else code,
            refusing[code],
            warning[code],
            tuple(_examples(county, refused, code)),
        )
        for code in ranked[:RULES_SHOWN]
    ]


def _examples(county: County, refused: pd.DataFrame, code: str) -> list[Example]:
    """A few different cells, each with its column; never a reporter's."""
    found: dict[Example, None] = {}
    mine = refused[refused["faults"].str.contains(f"{code}:", regex=False)]
    for source, faults, cells in zip(mine["source"], mine["faults"], mine["cells"], strict=True):
        if len(found) >= EXAMPLES:
            break
        declaration = county.sources.get(source)
        if declaration is None:
            continue
        row, fields = orjson.loads(cells), FieldColumns(declaration)
        for field in (f for c, _, f in (p.partition(":") for p in faults.split(",")) if c == code):
            for column in fields.of(field):
                if column in row and column not in declaration.reporter_fields:
                    found[Example(column, shown(row[column]))] = None
    return list(found)[:EXAMPLES]


def _remarks(
    rows: pd.DataFrame, towns: dict[str, str], titles: dict[str, str], lang: str
) -> list[Remark]:
    rules = rules_with(())
    return [
        Remark(
            towns.get(unit, titles.get(source, source)),
            period,
            rules[said["code"]].zh if lang == "zh" else rules[said["code"]].en,
            said["field"],
            said["is"],
            said["usual"],
        )
        for source, unit, period, text in zip(
            rows["source"], rows["reporting_unit"], rows["period"], rows["remarks"], strict=True
        )
        for said in orjson.loads(text or "[]")
    ]
