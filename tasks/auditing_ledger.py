"""Audit of the ledger itself: the chain, the Merkle tree over it, and every seal ever given of it.

One pass: each event is hashed again after the one before it, the tree is grown again from those
hashes, and at every size that anybody claims something of, the claim is compared. Nothing that is
stored is believed. What no claim reaches is not proven: `Walked.sealed` says how far one does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rules.merkle import Frontier, grown, leaves
from rules.seal import chain
from schemas.events import EVENT_COLUMNS, HASHED_COLUMNS, Head
from schemas.seals import Seal
from tasks.store import events, ledger, seals
from tasks.store.engine import Connection

_CHUNK = 100_000
_SEQ = EVENT_COLUMNS.index("seq")


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    check: str
    where: str
    problem: str


@dataclass(frozen=True)
class Claim:
    """That the first `size` events have this root and end in this hash; said by whom (`where`).

    check: "seal" for one kept outside, "stored" for one in the ledger, "edition", "slice".
    """

    check: str
    where: str
    size: int
    root: str
    head: str


@dataclass
class Walked:
    """What a pass found: how far the chain is whole, and the tree at the sizes asked for."""

    last: Head = field(default_factory=Head)
    tree: Frontier = field(default_factory=Frontier)
    marks: dict[int, tuple[str, str]] = field(default_factory=dict)  # size → root, hash
    broken: Finding | None = None
    findings: list[Finding] = field(default_factory=list)
    held: int = 0  # events proven by a seal from outside
    sealed: int = 0  # events that any seal or edition covers


def outside(given: Iterable[Seal]) -> list[Claim]:
    """What seals say that were kept elsewhere."""
    return [Claim("seal", f"seal of {s.size} events", s.size, s.root, s.head) for s in given]


def walk(connection: Connection, county: str, head: Head, claims: Sequence[Claim]) -> Walked:
    """Everything that is wrong with the ledger, in the light of what was ever said of it."""
    every = [*claims, *_stored(connection, county), *_slices(connection, county)]
    walked = Walked()
    _pass(connection, county, walked, sorted({claim.size for claim in every}))
    walked.findings += [walked.broken] if walked.broken else _ends(connection, county, walked, head)
    walked.findings += [f for claim in every if (f := _contradiction(walked, claim))]
    walked.held = _reach(walked, every, "seal")
    walked.sealed = _reach(walked, every, "seal", "stored", "edition")
    return walked


def _stored(connection: Connection, county: str) -> Iterator[Claim]:
    for number, seal in seals.made(connection, county):
        yield Claim("stored", f"event {number}", seal.size, seal.root, seal.head)


def _slices(connection: Connection, county: str) -> Iterator[Claim]:
    for head, root in seals.slice_ends(connection, county):
        yield Claim("slice", f"event {head.seq}", head.seq, root, head.hash)


def _pass(connection: Connection, county: str, walked: Walked, sizes: Sequence[int]) -> None:
    """Follow the events to their end, or to the first that does not follow from those before."""
    while rows := events.numbered(connection, county, walked.last.seq, _CHUNK):
        hashes = chain(walked.last.hash, (row[: len(HASHED_COLUMNS)] for row in rows))
        sound = _sound(rows, walked.last, hashes)
        if sound:
            _grow(walked, hashes[:sound], sizes)
        if sound < len(rows):
            number = walked.last.seq + 1
            walked.broken = Finding(
                "chain",
                f"event {number}",
                f"event {number} is missing or was changed after it was written; everything from"
                " there on is unproven: restore the last backup and compare",
            )
            return


def _sound(rows: Sequence[tuple[Any, ...]], last: Head, hashes: Sequence[str]) -> int:
    """How many of these events are whole, numbered and linked, before the first that is not."""
    before = [last.hash, *hashes[:-1]]
    for position, (row, previous, expected) in enumerate(zip(rows, before, hashes, strict=True)):
        is_next = row[_SEQ] == last.seq + 1 + position
        if not is_next or row[-2] != previous or row[-1] != expected:
            return position
    return len(rows)


def _grow(walked: Walked, hashes: Sequence[str], sizes: Sequence[int]) -> None:
    """Grow the tree by these events, stopping where somebody claims something."""
    start, end = walked.last.seq, walked.last.seq + len(hashes)
    for size in [*(s for s in sizes if start < s < end), end]:
        new = leaves(hashes[walked.tree.size - start : size - start])
        walked.tree = grown(walked.tree, new)
        walked.marks[size] = (walked.tree.root.hex(), hashes[size - start - 1])
    walked.last = Head(end, hashes[-1])


def _ends(connection: Connection, county: str, walked: Walked, head: Head) -> Iterator[Finding]:
    last = walked.last
    if last != head:
        yield Finding(
            "chain",
            f"event {last.seq}",
            f"the ledger ends at event {last.seq} but its head says {head.seq}: events were removed"
            " or added by hand; restore the last backup and compare",
        )
    elif ledger.read_frontier(connection, county) != str(walked.tree):
        yield Finding(
            "tree",
            f"event {last.seq}",
            "the tree that is stored beside the ledger's head does not follow from its events: it"
            " was changed by hand; restore the last backup and compare",
        )


def _contradiction(walked: Walked, claim: Claim) -> Finding | None:
    """What is wrong where a claim is not what the events give.

    Beyond a break nothing can be compared, and the break was told. Whether an edition's head is in
    the ledger is told with the edition.
    """
    found = walked.marks.get(claim.size)
    if found is None:
        return _missing(walked, claim)
    root, head = found
    if (claim.root, claim.head) == found or (claim.check == "edition" and claim.head != head):
        return None
    if claim.check == "slice":
        said = "what is stored beside the slice that ends there does not follow from its events"
        return Finding("tree", claim.where, f"{said}; restore the last backup and compare")
    return Finding(
        "seal" if claim.check == "stored" else claim.check,
        claim.where,
        f"it seals the first {claim.size} events with the root {claim.root}, and now they give"
        f" {root}: history was rewritten; compare with the last backup",
    )


def _missing(walked: Walked, claim: Claim) -> Finding | None:
    is_outside = claim.check == "seal"
    told = claim.check == "edition" or (walked.findings and not is_outside)
    if told or walked.broken:
        return None
    return Finding(
        "seal" if is_outside or claim.check == "stored" else "tree",
        claim.where,
        f"there were {claim.size} events when it was written, and the ledger has"
        f" {walked.last.seq}: the rest was removed; restore the last backup",
    )


def _reach(walked: Walked, claims: Sequence[Claim], *checks: str) -> int:
    """The largest size that a claim of these kinds rightly covers."""
    right = (
        c.size for c in claims if c.check in checks and walked.marks.get(c.size) == (c.root, c.head)
    )
    return max(right, default=0)
