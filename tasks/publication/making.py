"""One edition's figures: counted, scored and checked, from what was known at a watermark.

`made` is a pure function of (watermark, period, the county's configuration) over the ledger: who
publishes, who previews and who makes an old edition again all get the same.
"""

from dataclasses import dataclass

from rules.gate import Refusal, check
from rules.kinds import previous
from rules.seal import digest
from schemas.edition import Body
from schemas.period import Period
from tasks.county import County
from tasks.publication import archive, itemised
from tasks.publication.body import LastRanks, build
from tasks.publication.recounted import recounted
from tasks.store import ledger
from tasks.store.engine import Connection


@dataclass(frozen=True)
class Made:
    """A body with its digest, the ledger's head it was made at, and the items behind its cells."""

    body: Body
    digest: str
    head: str
    items: itemised.Items
    refusals: tuple[Refusal, ...]


def made(connection: Connection, county: County, period: Period, watermark: int) -> Made:
    """The figures of a period at a watermark, and what the gate says of them."""
    last = _before(connection, county, period, watermark)
    body = build(connection, county, period, watermark, _ranks(last))
    towns = tuple(county.organisation.town_codes())
    counted = recounted(
        connection, county.code, towns, county.zone, county.policy, period, watermark
    )
    return Made(
        body,
        digest(body),
        ledger.head_at(connection, county.code, watermark).hash,
        itemised.items(connection, county, period, watermark),
        tuple(check(body, counted, last, archive.earlier(connection, county, period, watermark))),
    )


def _before(connection: Connection, county: County, period: Period, watermark: int) -> Body | None:
    """The edition that movement refers to: the latest of the period before, as known then."""
    earlier = previous(period, county.zone)
    if earlier is None:
        return None
    known = archive.latest(connection, county.code, earlier, watermark)
    return archive.document(county, known)["body"] if known else None


def _ranks(last: Body | None) -> LastRanks:
    if last is None:
        return {}
    return {
        "towns": {u["code"]: u["rank"] for u in last["towns"]},
        "sectors": {u["code"]: u["rank"] for u in last["sectors"]},
    }
