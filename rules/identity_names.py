"""How places are named, made comparable: credit codes, names and addresses as keys.

Two ways of writing one thing give one key: full-width and half-width, 十二号 and 12号, 2号楼, 2幢
and 2#楼, 三楼 and 3层, a company's legal form, the county and the town in front. What says nothing
of a place (无, 不详) gives no key. Content alone decides; a blank key is "" and equals nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

import pandas as pd

KEYS = ("place_key", "credit_key", "name_key", "address_key")
KEY_LENGTH = 300  # what a column of the store holds

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100}
# Numerals are read as numbers only before a word that counts or numbers something, so that 三北镇
# and 七星公司 stay what they are.
_NUMERAL = re.compile(
    r"([零〇一二两三四五六七八九十百]+)(?=号|弄|幢|栋|座|楼|层|室|单元|区|巷|组|村|处|个|具|只|台)"
)
_ADMINISTRATIVE = re.compile(r"(?:省|市|区|县|镇|乡|街道)$")
_NOT_WORDS = re.compile(r"[\W_]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_FORM_IN_BRACKETS = re.compile(r"\((?:特殊)?(?:普通合伙|有限合伙|个体工商户|个人独资)\)")
_LEGAL_FORM = re.compile(r"(?:股份有限|有限责任|有限)?公司$")
_LEGAL_FORM_EN = re.compile(r"[\s,.]+(?:inc|llc|ltd|limited|corp|co)\.?$")
_NOTHING_SAID = frozenset(
    ("无", "不详", "未知", "不明", "暂无", "个人",
     "居民", "市民", "业主", "none", "null", "unknown", "na")
)  # fmt: skip
_ADDRESS = (
    (re.compile(r"(?:no|№)\.?\s*(?=\d)"), ""),
    (re.compile(r"(?<=\d)(?:号楼|#楼|栋|座|#)"), "幢"),
    (re.compile(r"(?<=\d)(?:楼|f(?![a-z]))"), "层"),
    (re.compile(r"(?<=\d)(?:室|号房|房)$"), ""),
    (re.compile(r"(?<=\d)号之(?=\d)"), "-"),
)


def plain(text: str) -> str:
    """NFKC, lower case, numerals as numbers before what they count."""
    return _NUMERAL.sub(_number, unicodedata.normalize("NFKC", text).lower())


def credit_key(text: str) -> str:
    """A unified credit code of 18 characters; "" for anything else."""
    code = _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).upper())
    return code if len(code) == 18 and code.isascii() else ""


def name_key(text: str, prefixes: Sequence[str] = ()) -> str:
    """A unit's name without its legal form and without the county and town in front."""
    words = _LEGAL_FORM_EN.sub("", _FORM_IN_BRACKETS.sub("", plain(text)).strip())
    bare = _without(_NOT_WORDS.sub("", words), prefixes)
    shorter = _LEGAL_FORM.sub("", bare)
    kept = shorter if len(shorter) > 1 else bare
    return "" if len(kept) < 2 or kept in _NOTHING_SAID else kept


def address_key(text: str, prefixes: Sequence[str] = ()) -> str:
    """A postal address down to the number; "" where no number is in it.

    Of the prefixes only whole words are left out: 灯塔街 is no street of 灯塔街道.
    """
    words = _BRACKETED.sub("", plain(text)).strip()
    for pattern, meant in _ADDRESS:
        words = pattern.sub(meant, words)
    spelled = re.sub(r"(?<=\d)[-–—－~](?=\d)", "之", words)
    whole = [word for word in prefixes if _ADMINISTRATIVE.search(word)]
    kept = _without(_NOT_WORDS.sub("", spelled), whole)
    return kept if any(c.isdigit() for c in kept) else ""


def prefixes(names: Sequence[str]) -> tuple[str, ...]:
    """What may stand in front: each word and its bare form, longest first."""
    whole = {_NOT_WORDS.sub("", plain(n)) for n in names}
    bare = {_ADMINISTRATIVE.sub("", n) for n in whole}
    return tuple(sorted((w for w in whole | bare if len(w) > 1), key=lambda w: (-len(w), w)))


def place_keys(findings: pd.DataFrame, front: Sequence[str]) -> pd.DataFrame:
    """KEYS of every finding, in the index of `findings` (FINDING's columns).

    A name or an address is one of its town's: two towns have a 解放路1号 each.
    """
    town = findings["town_code"].fillna("").astype("str")
    name = _each(findings["unit_name"], lambda text: name_key(text, front))
    address = _each(findings["address"], lambda text: address_key(text, front))
    columns = {
        "place_key": findings["place_id"].fillna("").astype("str"),
        "credit_key": _each(findings["credit_code"], credit_key),
        "name_key": (town + "|" + name).str.slice(0, KEY_LENGTH).where(name != "", ""),
        "address_key": (town + "|" + address).str.slice(0, KEY_LENGTH).where(address != "", ""),
    }
    return pd.DataFrame(columns, index=findings.index).astype("str")


def _each(texts: pd.Series, made: Callable[[str], str]) -> pd.Series:
    """Each distinct text once: names repeat."""
    codes, distinct = pd.factorize(texts.fillna("").astype("str"))
    keys = pd.Series([made(text) for text in distinct.tolist()], dtype="str")
    return pd.Series(keys.to_numpy()[codes], index=texts.index, dtype="str")


def _without(name: str, front: Sequence[str]) -> str:
    """`name` without any of the words in front of it, as long as two characters are left."""
    leading = _leading(tuple(front))
    while found := leading.match(name):
        name = name[found.end() :]
    return name


@cache
def _leading(front: tuple[str, ...]) -> re.Pattern[str]:
    """The first of the words that a name begins with and does not end with. [measured]"""
    words = "|".join(map(re.escape, front)) if front else r"(?!)"
    return re.compile(f"(?:{words})(?=..)", re.S)


def _number(match: re.Match[str]) -> str:
    """十二 → 12, 二〇三 → 203, 一百零五 → 105."""
    word = match[1]
    if not any(c in _UNITS for c in word):
        return "".join(str(_DIGITS[c]) for c in word)
    total, digit = 0, 0
    for c in word:
        if c in _UNITS:
            total, digit = total + max(digit, 1) * _UNITS[c], 0
        else:
            digit = _DIGITS[c]
    return str(total + digit)
