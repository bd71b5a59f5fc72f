"""What happens to the hazards of the benchmark's world: legal lives, drawn whole.

A life is one of PLANS; a step that would lie after the world's end has not happened yet. About
three updates follow a finding, which with the finding itself makes 1.1 M facts at full size.
"""

from dataclasses import dataclass

import numpy as np

from bench.columns import Ints, Mask
from schemas.vocabulary import FactKind as F

CLOSED = (F.VERIFIED, F.ASSIGNED, F.STARTED, F.SUBMITTED, F.ACCEPTANCE_PASSED, F.CLOSED)
REWORKED = (*CLOSED[:4], F.ACCEPTANCE_FAILED, F.SUBMITTED, F.ACCEPTANCE_PASSED, F.CLOSED)

# Share of the hazards → what happens after registration. The rest is only registered.
PLANS: tuple[tuple[float, tuple[F, ...]], ...] = (
    (0.366, CLOSED),
    (0.030, REWORKED),
    (0.050, CLOSED[:4]),
    (0.050, CLOSED[:3]),
    (0.090, CLOSED[:2]),
    (0.090, CLOSED[:1]),
    (0.100, (F.REJECTED,)),
)

# Hours from the step before, least and most.
HOURS: dict[F, tuple[float, float]] = {
    F.VERIFIED: (1, 20),
    F.REJECTED: (2, 48),
    F.ASSIGNED: (1, 30),
    F.STARTED: (6, 72),
    F.SUBMITTED: (24, 240),
    F.ACCEPTANCE_PASSED: (12, 48),
    F.ACCEPTANCE_FAILED: (12, 48),
    F.CLOSED: (1, 24),
}
SLOW_SHARE, SLOWNESS = 0.10, 3.0  # a tenth rectifies three times slower: overdue, then closed
KINDS = tuple(F)


@dataclass(frozen=True)
class Updates:
    """One row per update: which finding, which kind (index into KINDS), when (UTC seconds)."""

    finding: Ints
    kind: Ints
    at: Ints

    def of(self, *kinds: F) -> Mask:
        return np.isin(self.kind, [KINDS.index(k) for k in kinds])


def live(rng: np.random.Generator, found_at: Ints, alive: Mask, end: int) -> Updates:
    """The updates of every finding that is `alive`, in order of time; `found_at` in UTC seconds."""
    members = rng.permutation(np.flatnonzero(alive))
    cuts = np.cumsum([round(share * len(members)) for share, _ in PLANS])
    groups = np.split(members, cuts)[: len(PLANS)]
    parts = [_walk(rng, g, found_at[g], plan) for g, (_, plan) in zip(groups, PLANS, strict=True)]
    finding, kind, at = (np.concatenate(column) for column in zip(*parts, strict=True))
    past = np.flatnonzero(at < end)
    order = past[np.lexsort((finding[past], at[past]))]
    return Updates(finding[order], kind[order], at[order])


def _walk(
    rng: np.random.Generator, members: Ints, found_at: Ints, plan: tuple[F, ...]
) -> tuple[Ints, Ints, Ints]:
    least, most = np.array([HOURS[step] for step in plan]).T
    hours = rng.uniform(least, most, (len(members), len(plan)))
    slow = rng.random(len(members)) < SLOW_SHARE
    hours[slow] *= np.where([step is F.SUBMITTED for step in plan], SLOWNESS, 1.0)
    at = found_at[:, None] + (np.cumsum(hours, axis=1) * 3600).astype(np.int64)
    kinds = np.broadcast_to([KINDS.index(step) for step in plan], at.shape)
    return np.repeat(members, len(plan)), kinds.ravel(), at.ravel()
