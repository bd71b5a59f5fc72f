"""A submission as a whole against its unit's earlier ones: rows, blanks, words (B001 to B003).

Nothing is refused here: a quiet week is no error. A remark is kept with the submission and shown.
Profiles are counts, so that they can be stored as JSON and added up.
"""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, TypedDict

ENOUGH = 3  # earlier submissions before anything is called usual
FEW = 20  # rows below which shares say nothing
TIMES = 4  # so many times more or fewer rows than usual are remarked
MORE_BLANKS = 0.2  # share of blanks above the greatest of the earlier ones
DRIFT = 0.3  # share of rows whose word would have to change to be spread as usual


class Profile(TypedDict):
    """rows; per field (`finding.category`) the rows it could stand in, its blanks, its words."""

    rows: int
    filled: dict[str, int]
    blank: dict[str, int]
    words: dict[str, dict[str, int]]


def remarks(profile: Profile, earlier: Sequence[Profile]) -> list[dict[str, Any]]:
    """What is unusual: code, field ("" for the whole), what it is and what is usual."""
    if len(earlier) < ENOUGH:
        return []
    return [*_rows(profile, earlier), *_blanks(profile, earlier), *_words(profile, earlier)]


def _remark(code: str, field: str, now: float, usual: float) -> dict[str, Any]:
    return {"code": code, "field": field, "is": round(now, 3), "usual": round(usual, 3)}


def _rows(profile: Profile, earlier: Sequence[Profile]) -> Iterator[dict[str, Any]]:
    now, usual = profile["rows"], median(e["rows"] for e in earlier)
    far = max(now, usual) > TIMES * max(min(now, usual), 1)
    if far and abs(now - usual) >= FEW:
        yield _remark("B001", "", now, usual)


def _share(profile: Profile, field: str) -> float | None:
    blank, filled = profile["blank"].get(field, 0), profile["filled"].get(field, 0)
    return blank / (blank + filled) if blank + filled >= FEW else None


def _blanks(profile: Profile, earlier: Sequence[Profile]) -> Iterator[dict[str, Any]]:
    for field in sorted(profile["blank"]):
        now = _share(profile, field)
        before = [s for e in earlier if (s := _share(e, field)) is not None]
        if now is not None and len(before) >= ENOUGH and now > max(before) + MORE_BLANKS:
            yield _remark("B002", field, now, max(before))


def _words(profile: Profile, earlier: Sequence[Profile]) -> Iterator[dict[str, Any]]:
    for field, now in sorted(profile["words"].items()):
        usual: dict[str, int] = {}
        for before in earlier:
            for word, rows in before["words"].get(field, {}).items():
                usual[word] = usual.get(word, 0) + rows
        if min(sum(now.values()), sum(usual.values())) < FEW:
            continue
        moved = _distance(now, usual)
        if moved > DRIFT:
            yield _remark("B003", field, moved, DRIFT)


def _distance(a: dict[str, int], b: dict[str, int]) -> float:
    """Total variation between two spreads of words, 0 to 1."""
    all_a, all_b = sum(a.values()), sum(b.values())
    return sum(abs(a.get(w, 0) / all_a - b.get(w, 0) / all_b) for w in {*a, *b}) / 2
