"""A county as it was configured at some point of its ledger, and editions made again from there.

Promise: under the same code and lock the files of an edition come out byte for byte, whatever was
received, adopted or published since. Policies, organisations and sources are read as the ledger
adopted them, never from the configuration folder.
"""

from dataclasses import dataclass, replace

from rules.kinds import period_of
from schemas.edition import Edition
from schemas.organisation import Organisation
from schemas.period import Period
from schemas.policy import Policy
from schemas.source import SourceDeclaration
from schemas.vocabulary import EditionKind, StreamKind
from tasks.county import County
from tasks.publication import archive, shelf
from tasks.publication.files import render
from tasks.publication.making import made
from tasks.store import ledger
from tasks.store.documents import in_force_at
from tasks.store.editions import Published
from tasks.store.engine import Connection, reading


@dataclass(frozen=True)
class Difference:
    """A file that does not come out as it was published; `first` is where bytes part."""

    file: str
    first: int


def county_at(connection: Connection, county: County, seq: int) -> County:
    """The county with policy, organisation and sources as adopted up to event `seq`.

    What was never adopted is as configured now: a home older than its first adoption event.
    """
    adopted = in_force_at(connection, county.code, seq)
    policy = adopted.get((StreamKind.POLICY, "policy"))
    organisation = adopted.get((StreamKind.ORGANISATION, "organisation"))
    sources = {
        name: SourceDeclaration.model_validate_json(text)
        for (kind, name), text in adopted.items()
        if kind is StreamKind.SOURCE
    }
    return replace(
        county,
        policy=Policy.model_validate_json(policy) if policy else county.policy,
        organisation=(
            Organisation.model_validate_json(organisation) if organisation else county.organisation
        ),
        sources=sources or county.sources,
    )


def period_of_edition(county: County, published: Published) -> Period:
    return period_of(EditionKind(published.kind), published.period, county.zone)


def remade(county: County, published: Published) -> tuple[Edition, dict[str, bytes]]:
    """An edition and its files, made again from the ledger at its watermark."""
    stored = archive.document(county, published)
    with reading(county.engine) as connection:
        then = county_at(connection, county, published.seq)
        again = made(connection, then, period_of_edition(then, published), published.watermark)
        edition = stored.copy()
        edition["body"] = again.body
        edition["body_digest"] = again.digest
        edition["policy_hash"] = then.policy_hash
        edition["ledger_head"] = again.head
        if "ledger_root" in stored:  # what was published before there was a tree stays without
            root = ledger.root_at(connection, county.code, published.watermark)
            edition["ledger_root"] = root
    return edition, render(edition, again.items)


def differences(county: County, published: Published) -> list[Difference]:
    """Files of an edition that do not come out as they lie on the shelf; none is the promise."""
    _, files = remade(county, published)
    stored = {name: shelf.read(county.home, published.folder, name) for name in published.files}
    return [
        Difference(name, _parting(stored.get(name, b""), files.get(name, b"")))
        for name in sorted(stored.keys() | files.keys())
        if stored.get(name) != files.get(name)
    ]


def _parting(one: bytes, other: bytes) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
