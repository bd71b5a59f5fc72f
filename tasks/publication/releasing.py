"""An edition goes out: folder first, then the ledger, then the pointer; and what is said of it.

A crash leaves the old edition or the new one, never half: the ledger's row is the truth, a folder
without one is replaced, and a pointer that lags behind is set by whoever comes next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from schemas.edition import Edition, Revision
from tasks.county import County
from tasks.publication import archive, shelf
from tasks.publication.files import render
from tasks.publication.issuing import enter, issue, nothing
from tasks.publication.itemised import Items
from tasks.refusing import Refusal
from tasks.store import ledger
from tasks.store.editions import Published
from tasks.store.engine import Connection

State = Literal["published", "draft", "refused"]


class PublishRefused(Refusal):
    """Nothing was published; the message says why and what to do."""

    area = "refusal.publish"


@dataclass(frozen=True)
class EditionReport:
    """The stable keys of `bihuan bulletin --json`, and the edition itself.

    state: "draft" where policy wants a signature, "refused" where a leader refused these figures;
    `files` are then those of the draft, and `decision` says by whom and why.
    """

    kind: str
    period: str
    edition: int
    watermark: int
    policy_hash: str
    root: str
    files: list[dict[str, str]]
    gate: dict[str, Any]
    is_new: bool
    revision: Revision | None
    edition_doc: Edition
    state: State = "published"
    decision: dict[str, str] | None = None


@dataclass(frozen=True)
class Next:
    """The next edition of a period, with the items behind it."""

    edition: Edition
    items: Items


def put(
    county: County,
    coming: Next,
    now: int,
    *,
    signed_by: str,
    also: Callable[[Connection], None] = nothing,
) -> EditionReport:
    """Folder first, then the ledger with what `also` writes, then the pointer."""
    edition = issue(county, coming.edition, signed_by)
    body = edition["body"]
    files = render(edition, coming.items)
    folder = shelf.folder_of(county.code, body["kind"], body["period"], edition["edition"])
    shelf.put(county.home, folder, files)
    ledger.settled(lambda: enter(county, edition, str(folder), shelf.digests(files), now, also))
    shelf.point(county.home, folder)
    return report(county, edition, shelf.digests(files), is_new=True)


def existing(county: County, published: Published, *, mend: bool) -> EditionReport:
    """The latest edition as it lies there; `mend` sets a pointer that a crash left behind."""
    folder = Path(published.folder)
    if mend and not shelf.is_latest(county.home, folder):
        shelf.point(county.home, folder)
    found = archive.document(county, published)
    return report(county, found, published.files, is_new=False)


def report(
    county: County,
    edition: Edition,
    files: dict[str, str],
    *,
    is_new: bool,
    folder: str = "",
    state: State = "published",
    decision: dict[str, str] | None = None,
) -> EditionReport:
    """What is said of an edition; `files` lie in `folder`, or where it is published."""
    body = edition["body"]
    shelved = shelf.folder_of(county.code, body["kind"], body["period"], edition["edition"])
    return EditionReport(
        kind=body["kind"],
        period=body["period"],
        edition=edition["edition"],
        watermark=edition["watermark"],
        policy_hash=edition["policy_hash"],
        root=edition["ledger_head"],
        files=[
            {"path": str(county.home / (folder or shelved) / name), "sha256": sha}
            for name, sha in sorted(files.items())
        ],
        gate={"ok": True, "refusals": []},
        is_new=is_new,
        revision=edition.get("revision"),
        edition_doc=edition,
        state=state,
        decision=decision,
    )
