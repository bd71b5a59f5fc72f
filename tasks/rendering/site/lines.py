"""Figures over time: sparklines of a table, the lines of a town, each with its words beside it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from rules.kinds import RECURRING
from schemas.site import Brief, Standing
from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.site.blocks import Dot, Line, Spark, Sparks
from tasks.rendering.site.frame import edition_name

RECENT = 12  # editions of a sparkline
SHOWN = 52  # periods on a town's page: its cost must not grow with the years
_TALL = 190
_TOP, _FOOT = 16, 30
_LEFT, _RIGHT = 6, 84  # percent

_RECURRING = {kind.value for kind in RECURRING}
Values = Sequence[Decimal | None]


def is_series(kind: str) -> bool:
    """Whether editions of a kind follow one another: only then is a line through them true."""
    return kind in _RECURRING


def decimal(value: str | int | None) -> Decimal | None:
    """A score, rank or percent as a number; None for nothing and for "/"."""
    return None if value is None or value == "/" else Decimal(value)


def score_sparks(history: Sequence[Brief], rows: Iterable[tuple[str, str]], lang: str) -> Sparks:
    """Score and shown rank of the last editions, for rows (name, town code); oldest first."""
    recent = history[-RECENT:]
    found = [(name, _of(recent, code)) for name, code in rows]
    low, high = _range([decimal(s.score) for _, line in found for s in line if s])
    deep = max((s.rank or 1 for _, line in found for s in line if s), default=1)
    ranked = recent[-1].shows_ranks
    heads = ("score", "rank") if ranked else ("score",)
    return Sparks(
        tuple(text(f"site.spark.{head}", lang, n=RECENT) for head in heads),
        {name: _pair(line, (low, high), deep, lang)[: len(heads)] for name, line in found},
    )


def rate_sparks(
    history: Sequence[Brief], rows: Iterable[tuple[str, str]], rate: str, lang: str
) -> Sparks:
    """One rate of the last editions, on a scale from 0 to 100."""
    recent = history[-RECENT:]
    scale = (Decimal(0), Decimal(100))
    return Sparks(
        (text("site.spark.rate", lang, n=RECENT),),
        {
            name: (spark([decimal(s.rates.get(rate)) if s else None for s in line], scale, lang),)
            for name, line in ((name, _of(recent, code)) for name, code in rows)
        },
    )


def _pair(
    line: list[Standing | None], scale: tuple[Decimal, Decimal], deep: int, lang: str
) -> tuple[Spark, Spark]:
    ranks = [decimal(s.rank) if s else None for s in line]
    scores = [decimal(s.score) if s else None for s in line]
    return spark(scores, scale, lang), spark(ranks, (Decimal(max(deep, 2)), Decimal(1)), lang)


def _of(briefs: Iterable[Brief], code: str) -> list[Standing | None]:
    return [b.town(code) for b in briefs]


def _range(values: Values) -> tuple[Decimal, Decimal]:
    known = [v for v in values if v is not None]
    if not known:
        return Decimal(0), Decimal(100)
    low, high = min(known), max(known)
    return (low, high) if low < high else (low - 1, high + 1)


def spark(values: Values, scale: tuple[Decimal, Decimal], lang: str) -> Spark:
    """A line from `scale[0]` at the foot to `scale[1]` at the top."""
    dots = [None if v is None else _place(i, len(values), v, scale) for i, v in enumerate(values)]
    runs = [list(run) for has, run in groupby(dots, key=lambda d: d is not None) if has]
    known = [v for v in values if v is not None]
    if not known:
        return Spark(text("site.spark.nothing", lang), (), None)
    said = text("site.spark.said", lang, n=len(known), first=known[0], last=known[-1])
    strokes = tuple(" ".join(f"{d[0]},{d[1]}" for d in run if d) for run in runs)
    return Spark(said, strokes, next(d for d in reversed(dots) if d))


def _place(
    index: int, count: int, value: Decimal, scale: tuple[Decimal, Decimal]
) -> tuple[str, str]:
    x = Decimal(4) + Decimal(92) * index / max(count - 1, 1) if count > 1 else Decimal(50)
    y = Decimal(20) - Decimal(16) * (value - scale[0]) / (scale[1] - scale[0])
    return f"{x:.1f}", f"{y:.1f}"


def town_lines(history: Sequence[Brief], code: str, lang: str) -> tuple[Line, ...]:
    """Score and rank of a town over its last editions, oldest first; none before two editions."""
    recent = history[-SHOWN:]
    line = _of(recent, code)
    scores = [decimal(s.score) if s else None for s in line]
    ranks = [decimal(s.rank) if s else None for s in line]
    if len(recent) < 2 or not is_series(recent[0].kind):
        return ()
    deep = Decimal(_depth(recent, {s.group for s in line if s}))
    made = []
    if any(v is not None for v in scores):
        marks = [Decimal(n) for n in (0, 20, 40, 60, 80, 100)]
        made.append(_line("score", recent, scores, marks, lang))
    if any(v is not None for v in ranks) and deep > 1:
        made.append(_line("rank", recent, ranks, _rank_marks(deep), lang))
    return tuple(made)


def _depth(recent: Sequence[Brief], groups: set[str]) -> int:
    """The last rank that a town of these groups had."""
    ranks = (s.rank or 1 for b in recent for s in b.towns if s.group in groups)
    return max(ranks, default=1)


def _rank_marks(deep: Decimal) -> list[Decimal]:
    """From the last rank at the foot to the first at the top."""
    middle = (deep + 1) / 2
    return sorted({deep, Decimal(int(middle)), Decimal(1)}, reverse=True)


def _line(
    which: str, recent: Sequence[Brief], values: Values, marks: list[Decimal], lang: str
) -> Line:
    scale = (marks[0], marks[-1])
    last = max(i for i, v in enumerate(values) if v is not None)
    dots = tuple(
        None
        if v is None
        else Dot(
            _x(i, len(values)),
            _y(v, scale),
            text("format.labelled", lang, label=edition_name(b, lang), value=v),
            str(v) if i == last else "",
        )
        for i, (v, b) in enumerate(zip(values, recent, strict=True))
    )
    return Line(
        text(f"site.line.{which}", lang),
        _TALL,
        dots,
        tuple((_y(m, scale), str(m)) for m in marks),
        _days(recent, lang),
    )


def _days(recent: Sequence[Brief], lang: str) -> tuple[tuple[str, str, str], ...]:
    first, last = recent[0], recent[-1]
    return (
        (_x(0, 2), "start", wording.period(first.period, lang)),
        (_x(1, 2), "end", wording.period(last.period, lang)),
    )


def _x(index: int, count: int) -> str:
    """Right of the last point is room for its figure, on a phone too."""
    return f"{_LEFT + (_RIGHT - _LEFT) * index / Decimal(max(count - 1, 1)):.2f}%"


def _y(value: Decimal, scale: tuple[Decimal, Decimal]) -> str:
    depth = _TALL - _TOP - _FOOT
    return f"{_TOP + depth * (1 - (value - scale[0]) / (scale[1] - scale[0])):.1f}"
