"""Audit: is the ledger whole and what every earlier seal says, do projections follow from it, are
editions as published, and does the vault hold what it says?

Reads everything, writes nothing. Each finding says what is wrong, where, and what to do next.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from schemas.edition import Edition
from schemas.events import GENESIS
from schemas.seals import Seal
from tasks.auditing_ledger import Claim, Finding, outside, walk
from tasks.county import County
from tasks.publication import archive, shelf
from tasks.publication.shelf import DOCUMENT
from tasks.refusing import Refusal
from tasks.store import editions, events, ledger
from tasks.store.editions import Published
from tasks.store.engine import Connection, reading
from tasks.store.replay import differences
from tasks.vaulting import disagreements


class AuditRefused(Refusal):
    """Nothing was verified; the message says why and what to do."""

    area = "refusal.audit"


@dataclass(frozen=True)
class AuditReport:
    """The stable keys of `bihuan audit --json`.

    root: the ledger's head hash; tree: the Merkle root over all of it. sealed: how many events a
    seal or an edition covers; held: how many a seal that was given from outside proves.
    """

    ok: bool
    size: int
    root: str
    tree: str
    sealed: int
    held: int
    findings: list[dict[str, str]]


@dataclass(frozen=True)
class _OnShelf:
    """An edition, the files of it that are damaged, and what it says unless that is damaged."""

    published: Published
    damaged: list[str]
    says: Edition | None


def audit(county: County, given: Iterable[Seal] = ()) -> AuditReport:
    """Check chain, tree, projections and editions of one county.

    given: seals that were kept outside. Raises AuditRefused for one of another county.
    """
    held = list(given)
    for seal in held:
        if seal.county != county.code:
            raise AuditRefused("foreign", {"county": seal.county, "own": county.code})
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        shelved = [_on_shelf(county, p) for p in editions.published(connection, county.code)]
        walked = walk(connection, county.code, head, [*outside(held), *_printed(shelved)])
        found = [
            *walked.findings,
            *_projections(connection, county),
            *(f for one in shelved for f in _edition(connection, county.code, one)),
            *(Finding("vault", "vault", said) for said in disagreements(connection, county)),
        ]
    return AuditReport(
        ok=not found,
        size=head.seq,
        root=head.hash,
        tree=walked.tree.root.hex(),
        sealed=walked.sealed,
        held=walked.held,
        findings=[asdict(f) for f in found],
    )


def _on_shelf(county: County, published: Published) -> _OnShelf:
    damaged = shelf.damaged(county.home, published.folder, published.files)
    says = None if DOCUMENT in damaged else archive.document(county, published)
    return _OnShelf(published, damaged, says)


def _printed(shelved: Iterable[_OnShelf]) -> Iterator[Claim]:
    """Every edition that prints a root is a seal of what it was made from."""
    for one in shelved:
        if one.says is not None and "ledger_root" in one.says:
            root, head = one.says["ledger_root"], one.says["ledger_head"]
            yield Claim("edition", one.published.folder, one.published.watermark, root, head)


def _projections(connection: Connection, county: County) -> Iterator[Finding]:
    for sentence in differences(connection, county.code, county.fold_policy):
        yield Finding("projection", sentence.split(":", 1)[0], sentence)


def _edition(connection: Connection, county: str, one: _OnShelf) -> Iterator[Finding]:
    folder = one.published.folder
    printed = one.says["ledger_head"] if one.says is not None else ""
    if problem := _disagreement(connection, county, one.published.watermark, printed):
        yield Finding("edition", folder, problem)
    for name in one.damaged:
        yield Finding(
            "edition",
            f"{folder}/{name}",
            f"{name} is missing or is not what was published: restore it from a backup",
        )


def _disagreement(connection: Connection, county: str, watermark: int, printed: str) -> str:
    """Why the ledger is not the one an edition was made from; "" when it is."""
    rows = events.numbered(connection, county, watermark - 1, 1)
    found = rows[0][-1] if rows else GENESIS
    if not rows and watermark > 0:
        return f"its watermark, event {watermark}, is not in the ledger: restore the last backup"
    if printed and found != printed:
        return (
            f"it prints {printed} as the head of the ledger at event {watermark}, where the ledger"
            f" now has {found}: history was rewritten; compare with the last backup"
        )
    return ""
