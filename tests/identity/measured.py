"""Precision and recall of identity on hard demo worlds; run as a module it prints the table.

    python -m tests.identity.measured

Tuned on TUNING, judged on HELD_OUT. Ambiguous re-finds (words that nothing connects) and their
hazard are counted apart: joining them is neither right nor wrong.
"""

import sys
from dataclasses import dataclass
from functools import cache

import pandas as pd

from demo.model import NEVER, TAKEN
from demo.shipped import policy
from demo.world import World, build
from rules.identity import candidate_pairs
from rules.identity_clusters import components
from rules.identity_names import place_keys, prefixes
from schemas.policy import Identity
from schemas.records import FINDING

TUNING = tuple(range(101, 106))
HELD_OUT = tuple(range(201, 221))
LEAST_PRECISION, LEAST_RECALL = 0.98, 0.95
WEEKS, HAZARDS = 8, 2_000


@dataclass(frozen=True)
class Measure:
    """Pairs of findings: joined and rightly so, joined, and to be joined; ambiguous ones joined."""

    right: int
    joined: int
    true: int
    ambiguous: int
    ambiguous_joined: int

    @property
    def precision(self) -> float:
        return self.right / self.joined

    @property
    def recall(self) -> float:
        return self.right / self.true


@cache
def measure(seed: int) -> Measure:
    world = build(seed, WEEKS, HAZARDS, hard=True)
    frame = comparable(world)
    pairs = candidate_pairs(frame, Identity.model_validate(policy()["identity"]))
    roots = components(pairs, frame).set_index("stream_id")["root_id"]
    return held_against(world, frame, roots)


def comparable(world: World) -> pd.DataFrame:
    """The findings a county would take, as identity sees them; streams are "source:id"."""
    rows = [r for r in world.rows if r.record == "finding" and r.expect == TAKEN]
    rows = [r for r in rows if r.receipt.received < NEVER]
    fields = pd.DataFrame([r.fields for r in rows]).reindex(columns=FINDING.names)
    fields = fields.astype(object).where(fields.notna() & (fields != ""), None)
    towns = world.organisation.towns
    front = prefixes([world.organisation.name.zh, *(t.name.zh for t in towns)])
    return pd.DataFrame(
        {
            "stream_id": [f"{r.source}:{r.id}" for r in rows],
            "category": fields["category"],
            "found_at": [r.claimed for r in rows],
            "description": fields["description"],
            **place_keys(fields, front),
        }
    ).drop_duplicates("stream_id")


def held_against(world: World, frame: pd.DataFrame, roots: pd.Series) -> Measure:
    true = {h.key: h.key for h in world.hazards} | {
        f"{r.source}:{r.id}": r.root for r in world.refinds
    }
    same = pairs_of(frame["stream_id"].map(true).set_axis(frame["stream_id"]))
    unsure = {h.key: h.ambiguous_of for h in world.hazards if h.ambiguous_of}
    groups = {k: unsure.get(v, v) for k, v in true.items()}
    either = pairs_of(frame["stream_id"].map(groups).set_axis(frame["stream_id"])) - same
    joined = pairs_of(roots)
    apart = joined & either
    counted = joined - either
    return Measure(len(counted & same), len(counted), len(same), len(either), len(apart))


def pairs_of(group: pd.Series) -> set[tuple[str, str]]:
    """Every two streams of one group."""
    return {
        (a, b)
        for members in group.groupby(group).groups.values()
        if len(members) > 1
        for a in members
        for b in members
        if a < b
    }


def table(seeds: tuple[int, ...]) -> list[str]:
    lines = ["| seed | true pairs | joined | right | precision | recall | ambiguous joined |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for seed in seeds:
        m = measure(seed)
        lines.append(
            f"| {seed} | {m.true} | {m.joined} | {m.right} | {m.precision:.4f} | {m.recall:.4f}"
            f" | {m.ambiguous_joined} of {m.ambiguous} |"
        )
    return lines


if __name__ == "__main__":
    lines = ["tuning", *table(TUNING), "held out", *table(HELD_OUT)]
    sys.stdout.write("\n".join(lines) + "\n")
