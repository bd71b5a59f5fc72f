"""A reporter's values as they may stand in a text, and texts as they are compared.

Folded, other spellings of letters and digits (１３９, 𝟭, ABC) are plain and small; a folded text is
as long as the text. Bare, white space, dashes, dots and brackets are gone, too.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

import numpy as np

# What may stand between the characters of a value without making it another one.
_GAPS = " \t\r\n\x0b\x0c-‐‑‒–—―－_.·•・/\\*+()[]【】«»\u00ad\u180e\u2060\ufeff" + "".join(
    map(chr, range(0x2000, 0x2010))
)
_NO_DIGIT = re.compile("[^0-9]+")
FAMILY = "*"  # ends a needle that is a family name, found before a title only
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
    plain = [value for value in map(bare, values) if value and value not in _NOBODY]
    found = [form for value in plain for form in _forms(value)]
    for one, other in pairwise(plain):
        if _is_name(one) and _is_name(other):
            found += (one + other, other + one)
    return tuple(dict.fromkeys(form for form in found if _tells(form)))


def _forms(value: str) -> Iterator[str]:
    """One value as people write it: whole, and the part of it that names the same one alone."""
    yield value
    digits = _NO_DIGIT.sub("", value)
    if len(digits) >= 7 and value.isascii():
        yield from _numbers(digits)
    if "@" in value:
        yield value.partition("@")[0]
    if not digits and not value.isascii() and _is_name(value):
        yield value[0] + FAMILY
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


def bare(value: str) -> str:
    return value.translate(_bared())


def folded(text: str) -> str:
    return text_of(table()[0][points(text)])


def points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def text_of(points: np.ndarray) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def table() -> tuple[np.ndarray, np.ndarray]:
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
    plain, gaps = table()
    changed = np.flatnonzero(plain != np.arange(len(plain))).tolist()
    dropped = np.flatnonzero(gaps[plain]).tolist()
    return {point: int(plain[point]) for point in changed} | dict.fromkeys(dropped)
