"""How alike two descriptions are, and whether they speak of two spots within one place.

A score is 0 to 100, whole, and 100 only for the same words. Clauses in another order count for a
little less than themselves, a text that stands inside another one (a shortened report) for a
little less again. Two texts that both say where, and say it differently (2号楼 and 3号楼, 东侧 and
西侧), are of two hazards however alike they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from rules.identity_names import plain

# What is no letter and no digit in any script is laid aside before comparing. Python's expression
# on purpose: in Arrow's, \W would take every Chinese character away.
_NOT_WORDS = re.compile(r"[\W_]+")
_CLAUSE_END = re.compile(r"[,;:。、!?\n]+|\.(?:\s|$)")
_GROUND_FLOOR = re.compile("[首底]层")
_SPOTS = (
    re.compile(r"(\d+[a-z]?|[a-z]|[甲乙丙丁戊己])(?:号楼|幢|栋|座|#|号(?=[区厂库仓车门])|(?=区))"
               r"|\b(?:bldg|building)\W{0,2}(\w*\d\w*|[a-z]\b)"),
    re.compile(r"(\d+)(?:层|楼)|\b(?:floor|fl)\W{0,2}(\d+)|\b(\d+)(?:st|nd|rd|th) floor"),
    re.compile(r"(\d{2,})室|\b(?:apt|apartment|room|unit)\W{0,2}(\w*\d\w*|[a-z]\b)"),
    re.compile(r"([东南西北中])(?=侧|边|面|端|部|门|区|首|向)"),
)  # fmt: skip
_REORDERED, _CONTAINED = 99, 96  # of 100: what these ways of being alike are worth
_LEAST_CONTAINED = 8  # characters: anything stands inside something longer
_A_PART = 80  # percent of the longer text: what is longer is no part of it but the whole
_CHUNK = 1_000_000  # pairs compared at a time, so that memory is bounded


def normalised(texts: pd.Series) -> pd.Series:
    """A description as it is compared: lower case, numerals as numbers, no marks and spaces."""
    words = [_NOT_WORDS.sub("", plain(text)) for text in texts.fillna("")]
    return pd.Series(words, index=texts.index, dtype="str")


def clauses(texts: pd.Series, same_words: Sequence[Sequence[str]] = ()) -> pd.Series:
    """As `normalised`, with a space between clauses and one word for whatever means the same.

    same_words: of each group the first stands for all of them (policy).
    """
    meant = {plain(w): plain(group[0]) for group in same_words for w in group[1:]}
    longest = sorted(meant, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest))) if meant else None
    said = [
        pattern.sub(lambda m: meant[m[0]], plain(t)) if pattern else plain(t)
        for t in texts.fillna("")
    ]
    parts = [[_NOT_WORDS.sub("", c) for c in _CLAUSE_END.split(t)] for t in said]
    return pd.Series([" ".join(filter(None, p)) for p in parts], index=texts.index, dtype="str")


def spots(texts: pd.Series) -> np.ndarray:
    """Where within a place each text speaks of: (n, 4) numbers of the words for building, floor,
    room and side, comparable within this call; -1 where it says none."""
    found = np.full((len(texts), len(_SPOTS)), "", dtype=object)
    for row, text in enumerate(texts.fillna("").tolist()):
        said = _GROUND_FLOOR.sub("1层", plain(text))
        for slot, pattern in enumerate(_SPOTS):
            words = {next(filter(None, m.groups())) for m in pattern.finditer(said)}
            found[row, slot] = " ".join(sorted(words))
    numbers, words_ = pd.factorize(found.reshape(-1))
    blank = np.flatnonzero(words_ == "")
    numbers[np.isin(numbers, blank)] = -1
    return np.asarray(numbers, dtype=np.int64).reshape(found.shape)


def elsewhere(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Whether two rows of `spots` name different spots: both say one of the slots, and differ."""
    differ = (left >= 0) & (right >= 0) & (left != right)
    return np.asarray(differ.any(axis=1), dtype=bool)


def scores(said: np.ndarray, left: np.ndarray, right: np.ndarray, least: int) -> np.ndarray:
    """How alike the texts at positions `left` and `right` are, 0 to 100; below `least` it is 0.

    said: `clauses` of all of them.
    """
    texts = _Texts.of(said)
    made = [
        _scores(texts, left[i : i + _CHUNK], right[i : i + _CHUNK], least)
        for i in range(0, len(left), _CHUNK)
    ]
    return np.concatenate(made) if made else np.zeros(0, np.int64)


@dataclass(frozen=True)
class _Texts:
    """Texts without spaces, the same with their clauses in order, and their lengths."""

    joined: np.ndarray
    ordered: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, said: np.ndarray) -> "_Texts":
        parts = [text.split(" ") for text in said.tolist()]
        joined = np.array(["".join(p) for p in parts], dtype=object)
        ordered = np.array(["".join(sorted(p)) for p in parts], dtype=object)
        return cls(joined, ordered, np.array([len(t) for t in joined.tolist()], dtype=np.int64))


def _scores(texts: _Texts, left: np.ndarray, right: np.ndarray, least: int) -> np.ndarray:
    """By whichever way of being alike is worth most."""
    joined, ordered = texts.joined, texts.ordered
    best = _alike(fuzz.ratio, joined[left], joined[right], least, 100)
    reordered = _alike(fuzz.ratio, ordered[left], ordered[right], least, _REORDERED)
    best = np.maximum(best, reordered)
    shorter = np.minimum(texts.lengths[left], texts.lengths[right])
    longer = np.maximum(texts.lengths[left], texts.lengths[right])
    part = np.flatnonzero((shorter >= _LEAST_CONTAINED) & (shorter * 100 < longer * _A_PART))
    contained = _alike(
        fuzz.partial_ratio, joined[left[part]], joined[right[part]], least, _CONTAINED
    )
    best[part] = np.maximum(best[part], contained)
    best[shorter == 0] = 0
    return np.asarray(best)


def _alike(scorer: Any, left: np.ndarray, right: np.ndarray, least: int, of: int) -> np.ndarray:
    # Truncated, so that a score of 84.9 never passes a limit of 85.
    found = process.cpdist(
        left, right, scorer=scorer, score_cutoff=min(100, least * 100 / of), dtype=np.uint8
    )
    worth = np.asarray(found, dtype=np.int64) * of // 100
    return np.asarray(np.where(worth >= max(least, 1), worth, 0))
