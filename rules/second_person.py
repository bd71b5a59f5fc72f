"""Whether somebody is another person, and whether a code proves it (architecture, decision 11).

A code stands for one step of 30 seconds. It is good in its own step, the one before and the one
after, for clocks and hands are not exact, and once: no step is good twice, nor any before it. What
a code would be at a step is asked of `code_at`, for the secret is not known here.
"""

import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

STEP_MS = 30_000
SKEW_STEPS = 1
# Told as too old, not as wrong, so that a slow clock is noticed. The same for codes to come would
# tell a guesser which one to keep.
_OLD_STEPS = 20
TRIES = 5
LOCK_MS = 15 * 60_000

_CODE = re.compile(r"[0-9]{6}")
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_CONTROL = {"Cc", "Cf"}
_BROKEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@dataclass(frozen=True)
class Judgement:
    """What a code is worth: `reason` is "" (good), used, expired or wrong; `step` is the code's."""

    reason: str
    step: int = 0


def spelled(words: str) -> str:
    """A name as it is kept: one width, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", words).split())


def tidied(words: str) -> str:
    """Other words as they are kept: single blanks, full-width punctuation left as it is."""
    return unicodedata.normalize("NFC", " ".join(words.split()))


def folded(name: str) -> str:
    """A name as persons are told apart: width, blanks, case and what cannot be seen are nothing.

    Look-alikes of other scripts stay apart: nobody is proved by a name.
    """
    letters = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in letters if not _is_unseen(c))


def _is_unseen(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] == "Z" or kind in _CONTROL or bool(_VARIATION.match(character))


def is_same_person(one: str, other: str) -> bool:
    return folded(one) == folded(other)


def is_plain(words: str, longest: int) -> bool:
    """Whether words can stand in an event: to be read, on one line, not too long.

    Characters newer than this Python's tables, or private ones, may be of a rare name.
    """
    kinds = {unicodedata.category(c) for c in words}
    return not kinds & _BROKEN and bool(folded(words)) and len(words) <= longest


def digits(code: str) -> str:
    """The six digits that were meant, whatever their width and blanks; "" where it is no code."""
    bare = "".join(unicodedata.normalize("NFKC", code).split())
    return bare if _CODE.fullmatch(bare) else ""


def step_at(now: int) -> int:
    """The step of an instant (UTC ms)."""
    return now // STEP_MS


def good_steps(now: int) -> range:
    """The steps whose codes are good at an instant."""
    present = step_at(now)
    return range(present - SKEW_STEPS, present + SKEW_STEPS + 1)


def judge(code: str, now: int, last_step: int, code_at: Callable[[int], str]) -> Judgement:
    """What six digits are worth at an instant, where `last_step` was the last one used."""
    good = good_steps(now)
    matching = _matching(code, good, code_at)
    fresh = [step for step in matching if step > last_step]
    if fresh:
        return Judgement("", fresh[0])
    if matching:
        return Judgement("used", matching[-1])
    old = _matching(code, range(good.start - _OLD_STEPS, good.start), code_at)
    return Judgement("expired", old[-1]) if old else Judgement("wrong")


def _matching(code: str, steps: range, code_at: Callable[[int], str]) -> list[int]:
    """Every step is compared, whatever matched before: time tells nothing of the secret."""
    return [s for s in steps if s >= 0 and hmac.compare_digest(code, code_at(s))]


def first_unused(now: int, last_step: int) -> int | None:
    """The earliest step whose code is good at an instant and was not used; None when all were."""
    return next((step for step in good_steps(now) if step > last_step), None)
