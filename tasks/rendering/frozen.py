"""Frozen weekly ranks as tables: a row per town, and for a workbook every rank of every week."""

from collections.abc import Sequence

from schemas.edition import Body
from schemas.edition_annex import FrozenRank
from tasks.rendering import wording
from tasks.rendering.annexes import columns_of, unit_names
from tasks.rendering.catalogue import text
from tasks.rendering.grid import Column, Grid, Kind, Row

_KINDS: tuple[tuple[str, Kind], ...] = (
    ("mean", "score"),
    ("best", "rank"),
    ("worst", "rank"),
    ("first", "count"),
    ("last", "count"),
    ("weeks", "count"),
)


def standings(body: Body, lang: str) -> list[Grid]:
    """Mean, best and worst rank, weeks first and last; the best mean of each group first."""
    if "frozen" not in body:
        return []
    columns = columns_of(lang, ("town", "name"), *((f"frozen_{k}", of) for k, of in _KINDS))
    rows = [_row(row, group, body, lang) for group, row in _ordered(body, lang)]
    return [Grid(text("table.frozen", lang), columns, tuple(rows))]


def tables(body: Body, lang: str) -> list[Grid]:
    """For a workbook: the standings, then a column per week."""
    made = standings(body, lang)
    if not made or not body["frozen"]["weeks"]:
        return made
    weeks = [Column(_week(w["period"], lang), "rank") for w in body["frozen"]["weeks"]]
    names = unit_names(body, lang)
    rows = [
        Row((names[row["code"]], *row["ranks"]), group=group) for group, row in _ordered(body, lang)
    ]
    columns = (*columns_of(lang, ("town", "name")), *weeks)
    return [*made, Grid(text("table.frozen.weeks", lang), columns, tuple(rows))]


def notes(body: Body, lang: str) -> list[str]:
    """Which weeks are in it, and which are not."""
    if "frozen" not in body:
        return []
    found = body["frozen"]
    said = [text("frozen.note", lang, n=len(found["weeks"]))]
    for key, codes in (("pending", found["pending"]), ("missing", found["missing"])):
        if codes:
            said.append(text(f"frozen.{key}", lang, weeks=_runs(codes, lang)))
    return said


def _ordered(body: Body, lang: str) -> list[tuple[str, FrozenRank]]:
    """Rows with the name of their group, "" where there is one group only."""
    groups = {unit["code"]: unit["group"] for unit in body["towns"]}
    places = {group: n for n, group in enumerate(body["groups"])}
    said = {g: text("group.named", lang, group=g) if len(places) > 1 else "" for g in places}

    def place(row: FrozenRank) -> tuple[int, bool, float, str]:
        never = row["mean"] == "/"
        mean = 0.0 if never else float(row["mean"])
        return places.get(groups[row["code"]], len(places)), never, mean, row["code"]

    rows = sorted(body["frozen"]["towns"], key=place)
    return [(said.get(groups[row["code"]], ""), row) for row in rows]


def _row(row: FrozenRank, group: str, body: Body, lang: str) -> Row:
    figures = [row[key] for key, _ in _KINDS]  # type: ignore[literal-required]
    return Row((unit_names(body, lang)[row["code"]], *figures), group=group)


def _week(code: str, lang: str) -> str:
    """第10周 of 2025-W10; the year is the edition's."""
    return text("frozen.week", lang, week=code.rpartition("W")[2].lstrip("0"))


def _runs(codes: Sequence[str], lang: str) -> str:
    """Weeks by name, those that follow one another as a span."""
    runs: list[list[str]] = []
    for code in codes:
        if runs and _number(code) == _number(runs[-1][-1]) + 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    said = [
        wording.period(run[0], lang)
        if len(run) == 1
        else text(
            "format.span",
            lang,
            first=wording.period(run[0], lang),
            last=_week(run[-1], lang),
        )
        for run in runs
    ]
    return wording.joined(said, lang)


def _number(code: str) -> int:
    return int(code.rpartition("W")[2])
