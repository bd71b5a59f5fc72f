"""What tells of a reporter within running text, cut out: a reporter's own values, and by shape.

A reporter's values are found however they are written (`redaction_values`); what looks like a
phone, an identity number or an e-mail address, and what people say of themselves, is found without
knowing them (`redaction_shapes`). Whole frames at a time.

    redacted([["我是张三，电话１３９ 0000 0000"]], [needles(["张三"])])
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np

from rules.redaction_shapes import LIVING, NAMED, NUMBERED, SHAPES, TITLED
from rules.redaction_values import FAMILY, bare, folded, needles, points, table, text_of

__all__ = ["MARK", "holds", "needles", "redacted"]

# In every language, because it is part of a text that comes back as it went out.
MARK = "〔已封存〕"
Span = tuple[int, int]

_CHUNK = 2_000_000  # characters in work at a time
_BETWEEN = "\x00"  # part of nothing that is looked for
_NAMES = 20  # that a row gives away, looked for in all of it


def holds(text: str, known: Sequence[str]) -> bool:
    """Whether a text tells of a reporter with these needles, or holds anything by shape."""
    return redacted([[text]], [tuple(known)]) != [[text]]


def redacted(rows: Sequence[Sequence[str]], known: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """The texts of every row with MARK in place of what tells of its reporter, or looks like it.

    rows: the texts of each row; known: the needles of each row. A text in which nothing is found is
    returned as it is; redacting again changes nothing.
    """
    made: list[list[str]] = []
    for start, stop in _chunks(rows):
        made += _redacted(rows[start:stop], known[start:stop])
    return made


def _chunks(rows: Sequence[Sequence[str]]) -> Iterator[Span]:
    start = size = 0
    for number, row in enumerate(rows, 1):
        size += sum(map(len, row))
        if size >= _CHUNK or number == len(rows):
            yield start, number
            start, size = number, 0


def _redacted(rows: Sequence[Sequence[str]], known: Sequence[tuple[str, ...]]) -> list[list[str]]:
    texts = [text for row in rows for text in row]
    together = _BETWEEN.join(texts)
    plain = folded(together)
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    spans = [match.span() for shape in SHAPES for match in shape.finditer(plain)]
    spans += [m.span(1) for told in (NAMED, NUMBERED, LIVING) for m in told.finditer(plain)]
    firsts = list(accumulate(map(len, rows), initial=0))
    bounds = [starts[first] for first in firsts]
    spans += _of_families(plain, bounds, known)
    spans += _of_values(plain, bounds, _with_named(plain, bounds, known))
    for number, own in _by_text(spans, starts):
        texts[number] = _marked(texts[number], own)
    return [texts[a:b] for a, b in pairwise(firsts)]


def _with_named(
    plain: str, bounds: list[int], known: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """The needles of each row, with the first names that its own texts give away."""
    found: dict[int, dict[str, None]] = {}
    for match in NAMED.finditer(plain):
        names = found.setdefault(bisect_right(bounds, match.start()) - 1, {})
        if len(names) < _NAMES:
            names[bare(match[1])] = None
    return [(*own, *found.get(row, ())) for row, own in enumerate(known)]


def _of_families(plain: str, bounds: list[int], known: Sequence[tuple[str, ...]]) -> Iterator[Span]:
    """Where somebody of the reporter's family name is spoken of with a title."""
    for match in TITLED.finditer(plain):
        if match[1] + FAMILY in known[bisect_right(bounds, match.start()) - 1]:
            yield match.span()


def _of_values(plain: str, starts: list[int], known: Sequence[tuple[str, ...]]) -> Iterator[Span]:
    """Where needles stand; `starts` bounds each row in the folded text."""
    signs = points(plain)
    keep = ~table()[1][signs]
    places = np.flatnonzero(keep)
    close = text_of(signs[keep])
    bounds = np.searchsorted(places, starts).tolist()
    for row, own in enumerate(known):
        for needle in own:
            if needle[-1] == FAMILY:
                continue
            at = close.find(needle, bounds[row], bounds[row + 1])
            while at >= 0:
                first, last = int(places[at]), int(places[at + len(needle) - 1]) + 1
                if _stands_alone(plain, needle, first, last):
                    yield first, last
                at = close.find(needle, at + 1, bounds[row + 1])


def _stands_alone(plain: str, needle: str, first: int, last: int) -> bool:
    """A Latin word is no part of a longer word, a short number no part of a longer one."""
    before, after = plain[first - 1 : first], plain[last : last + 1]
    for end, beside in ((needle[0], before), (needle[-1], after)):
        same = (str.isascii, str.isalpha) if end.isalpha() else (str.isascii, str.isdigit)
        long_number = end.isdigit() and len(needle) > 6
        if end.isascii() and not long_number and beside and all(is_(beside) for is_ in same):
            return False
    return True


def _by_text(spans: Iterable[Span], starts: list[int]) -> Iterator[tuple[int, list[Span]]]:
    """The spans of each text that has any, within it, in order and without overlaps."""
    found: dict[int, list[Span]] = {}
    for first, last in sorted(spans):
        number = bisect_right(starts, first) - 1
        own = found.setdefault(number, [])
        first, last = first - starts[number], last - starts[number]
        if own and first < own[-1][1]:
            own[-1] = (own[-1][0], max(own[-1][1], last))
        else:
            own.append((first, last))
    yield from found.items()


def _marked(text: str, spans: list[Span]) -> str:
    ends = [0, *(last for _, last in spans)]
    firsts = [*(first for first, _ in spans), len(text)]
    return MARK.join(text[a:b] for a, b in zip(ends, firsts, strict=True))
