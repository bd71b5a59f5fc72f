"""Random re-inspection: how many closed hazards to look at again, and which.

The draw follows from a head of the sealed ledger alone: whoever holds the head can repeat it, and
nobody who closes a hazard can know it beforehand.
"""

from collections.abc import Iterable
from hashlib import sha256
from math import ceil, comb


def sample_size(closures: int, false_percent: int, confidence_percent: int) -> int:
    """The fewest to draw so that one of the false ones is among them with that confidence.

    Without replacement: of 20 closures, one in ten false, 16 hit one with 95 %.
    """
    false = ceil(closures * false_percent / 100)
    for n in range(closures):
        missed = comb(closures - false, n) * 100
        if missed <= (100 - confidence_percent) * comb(closures, n):
            return n
    return closures


def draw(root_hash: str, candidates: Iterable[str], n: int) -> list[str]:
    """`n` of the candidates (or all there are), each with the same chance, in the order drawn."""
    lots = sorted((_lot(root_hash, one), one) for one in set(candidates))
    return [one for _, one in lots[:n]]


def _lot(root_hash: str, candidate: str) -> str:
    return sha256(f"{root_hash}\n{candidate}".encode()).hexdigest()
