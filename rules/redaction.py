"""What tells of a reporter within running text: a reporter's own values, and what has their shape.

Texts are compared folded: other spellings of letters and digits (１３９, 𝟭, ABC) are plain, and for
a reporter's own values white space, dashes and dots count for nothing. A folded text is as long
as the text, so what is found there is cut out here. Whole frames at a time.

    redacted([["我是张三，电话１３９ 0000 0000"]], [needles(["张三"])])
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise

import numpy as np

MARK = (
    "〔已封存〕"  # in every language, because it is part of a text that comes back as it went out
)
Span = tuple[int, int]

_CHUNK = 2_000_000  # characters in work at a time
_BETWEEN = "\x00"  # part of nothing that is looked for
# What may stand between the characters of a value without making it another one.
_GAPS = " \t\r\n\x0b\x0c-‐‑‒–—―－_.·•・/\\*+()[]【】«»\u00ad\u180e\u2060\ufeff" + "".join(
    map(chr, range(0x2000, 0x2010))
)
_G, _S = r"[ \t\r\n\-‐-―·•・._\u00ad\u2000-\u200f\u2060\ufeff]{0,2}", r"[ \-]{0,2}"
_HAN = "〇零○一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖"
_MOBILE = rf"1{_G}[3-9](?:{_G}[0-9]){{9}}(?![0-9])"
# Over folded text: digits and letters are plain ones, and letters small. Each begins with what it
# begins with, and looks back then: so a pattern is tried where that stands and nowhere else.
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        # an identity number of 18, in one piece or grouped, and of 15 as until 1999
        rf"[0-9](?<![0-9]{{2}})[0-9]{{5}}{_S}[0-9]{{4}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{3}}"
        rf"{_S}[0-9x](?![0-9])",
        r"[0-9](?<![0-9]{2})[0-9]{3}(?:[ \-][0-9]{4}){3}[ \-][0-9][0-9x](?![0-9])",
        rf"[0-9](?<![0-9]{{2}})[0-9]{{5}}{_S}[0-9]{{6}}{_S}[0-9]{{3}}(?![0-9])",
        # a mobile number, with the country's code or without, in digits or in words
        rf"1(?<![0-9]1){_MOBILE[1:]}",
        rf"86(?<![0-9]86){_G}{_MOBILE}",
        rf"0086(?<![0-9]0086){_G}{_MOBILE}",
        rf"[一幺壹]{_G}[三叁四肆五伍六陆七柒八捌九玖](?:{_G}[{_HAN}]){{9}}",
        # a fixed line with its area code
        r"0(?<![0-9]0)[1-9][0-9]{1,2}[ \-)]{0,2}[2-9][0-9]{2,3}[ \-]?[0-9]{4}(?![0-9])",
        r"[a-z0-9._%+\-](?<![a-z0-9._%+\-]{2})[a-z0-9._%+\-]{0,63}"
        r"@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63})+",
    )
)
# A name, or a number of any shape, where people give theirs.
_NAMED = re.compile(
    r"(?:(?:(?:联系|举报|反映|投诉|来电|信访|问政|上访)人(?:姓名)?|(?<![一-鿿])姓名) ?:[ \t]*"
    r"|我(?:名)?叫(?![了着过他她它你您们人来去不车]))([一-鿿·]{2,4})(?![一-鿿])"
)
_NAMES = 20  # of a row, looked for in all of it
_NUMBERED = re.compile(
    r"(?:电话|手机|联系方式|微信|qq)[号码]{0,2} ?[:是为]? ?([0-9][0-9 \-]{5,18}[0-9](?![0-9]))"
)
_NO_DIGIT = re.compile("[^0-9]+")
_TITLED = re.compile("([一-鿿])(?:先生|女士|小姐|某某|师傅|老师|阿姨)")
_FAMILY = "*"  # ends a needle that is a family name, found before a title only
_WITHIN = re.compile("省|市|区|县|街道|镇|乡|社区|村")
_SENTENCE = re.compile("[，。；！？,;!?]")
_PART = re.compile("单元|[号弄幢栋座室楼层]")
# Words in a reporter's field that are nobody.
_NOBODY = {
    "匿名", "匿名举报", "匿名人", "实名", "无", "没有", "不详", "未知", "保密", "不便透露",
    "未提供", "群众", "市民", "热心市民", "村民", "居民", "业主", "员工", "职工", "先生",
    "女士", "小姐", "男", "女", "是", "否", "本人", "举报人", "反映人", "来电人", "投诉人",
    "电话", "手机", "anonymous", "unknown", "none", "null", "nan", "na", "nil", "no", "yes",
    "caller", "reporter", "citizen", "resident", "mr", "mrs", "ms",
}  # fmt: skip


def needles(values: Iterable[str]) -> tuple[str, ...]:
    """How a reporter's values may stand in a text, bare.

    values: the fields of one reporter in the order of their declaration, so that a name that is
    split over two is found in one piece.
    """
    plain = [bare for bare in map(_bare, values) if bare and bare not in _NOBODY]
    found = [form for value in plain for form in _forms(value)]
    for one, other in pairwise(plain):
        if _is_name(one) and _is_name(other):
            found += (one + other, other + one)
    return tuple(dict.fromkeys(form for form in found if _tells(form)))


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
    folded = _folded(together)
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    spans = [match.span() for shape in _SHAPES for match in shape.finditer(folded)]
    spans += [m.span(1) for told in (_NAMED, _NUMBERED) for m in told.finditer(folded)]
    firsts = list(accumulate(map(len, rows), initial=0))
    bounds = [starts[first] for first in firsts]
    spans += _of_families(folded, bounds, known)
    spans += _of_values(folded, bounds, _with_named(folded, bounds, known))
    for number, own in _by_text(spans, starts):
        texts[number] = _marked(texts[number], own)
    return [texts[a:b] for a, b in pairwise(firsts)]


def _with_named(
    folded: str, bounds: list[int], known: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """The needles of each row, with the first names that its own texts give away."""
    found: dict[int, dict[str, None]] = {}
    for match in _NAMED.finditer(folded):
        names = found.setdefault(bisect_right(bounds, match.start()) - 1, {})
        if len(names) < _NAMES:
            names[_bare(match[1])] = None
    return [(*own, *found.get(row, ())) for row, own in enumerate(known)]


def _of_families(
    folded: str, bounds: list[int], known: Sequence[tuple[str, ...]]
) -> Iterator[Span]:
    """Where somebody of the reporter's family name is spoken of with a title."""
    for match in _TITLED.finditer(folded):
        if match[1] + _FAMILY in known[bisect_right(bounds, match.start()) - 1]:
            yield match.span()


def _of_values(folded: str, starts: list[int], known: Sequence[tuple[str, ...]]) -> Iterator[Span]:
    """Where needles stand; `starts` bounds each row in the folded text."""
    points = _points(folded)
    keep = ~_table()[1][points]
    places = np.flatnonzero(keep)
    bare = _text(points[keep])
    bounds = np.searchsorted(places, starts).tolist()
    for row, own in enumerate(known):
        for needle in own:
            if needle[-1] == _FAMILY:
                continue
            at = bare.find(needle, bounds[row], bounds[row + 1])
            while at >= 0:
                first, last = int(places[at]), int(places[at + len(needle) - 1]) + 1
                if _stands_alone(folded, needle, first, last):
                    yield first, last
                at = bare.find(needle, at + 1, bounds[row + 1])


def _stands_alone(folded: str, needle: str, first: int, last: int) -> bool:
    """A Latin word is no part of a longer word, a short number no part of a longer one."""
    before, after = folded[first - 1 : first], folded[last : last + 1]
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


def _forms(value: str) -> Iterator[str]:
    """One value as people write it: whole, and the part of it that names the same one alone."""
    yield value
    digits = _NO_DIGIT.sub("", value)
    if len(digits) >= 7 and value.isascii():
        yield from _numbers(digits)
    if "@" in value:
        yield value.partition("@")[0]
    if not digits and not value.isascii() and _is_name(value):
        yield value[0] + _FAMILY
    if digits and not value.isascii() and 8 <= len(value) <= 60 and not _SENTENCE.search(value):
        yield from _addresses(value)


def _numbers(digits: str) -> Iterator[str]:
    yield digits
    if digits.startswith(("86", "0086")) and len(digits) > 11:
        yield digits[-11:]
    if digits.startswith("0") and len(digits) >= 10:  # without the area code
        yield from (digits[3:], digits[4:])


def _addresses(value: str) -> Iterator[str]:
    """An address without the places it lies in, and without what follows a house, a floor …"""
    for within in _WITHIN.finditer(value):
        rest = value[within.end() :]
        for part in (rest, *(rest[: end.end()] for end in _PART.finditer(rest))):
            if len(part) >= 5 and any(map(str.isdigit, part)):
                yield part


def _is_name(value: str) -> bool:
    return value.isalpha() and (value.isascii() or len(value) <= 4)


def _tells(form: str) -> bool:
    """Whether a form is long enough to mean one person."""
    if not form.isascii():
        return len(form) >= 2
    return len(form) >= (5 if form.isdigit() else 3)


def _bare(value: str) -> str:
    return value.translate(_bared())


def _folded(text: str) -> str:
    return _text(_table()[0][_points(text)])


def _points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _text(points: np.ndarray) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    """By code point: its plain character, and whether that is a gap."""
    plain = np.arange(0x110000, dtype=np.uint32)
    for point in (*range(0x80, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x10000),
                  *range(0x1D400, 0x1D800)):  # fmt: skip
        character = chr(point)
        digit = unicodedata.decimal(character, None)
        folded = unicodedata.normalize("NFKC", character) if digit is None else str(digit)
        if len(folded) == 1 and folded.isascii():
            plain[point] = ord(folded)
    small = np.arange(ord("A"), ord("Z") + 1)
    plain[np.isin(plain, small)] += 32
    gaps = np.zeros(0x110000, dtype=bool)
    gaps[[ord(c) for c in _GAPS]] = True
    return plain, gaps


@cache
def _bared() -> dict[int, int | None]:
    """The same for short texts: what is not its own plain character, or is a gap."""
    plain, gaps = _table()
    changed = np.flatnonzero(plain != np.arange(len(plain))).tolist()
    dropped = np.flatnonzero(gaps[plain]).tolist()
    return {point: int(plain[point]) for point in changed} | dict.fromkeys(dropped)
