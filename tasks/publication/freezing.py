"""Frozen ranks of an edition: quarter, half-year and year, where its policy shows ranks.

Built from the weekly editions that were final at the watermark: published by then, and their period
frozen when the last of what the watermark knows was received. A pure function of the ledger and the
shelf: which edition of a week it was stands beside its ranks.
"""

from rules.frozen import standings
from rules.kinds import weeks_ending_in
from rules.periods import frozen_at
from schemas.edition import Body
from schemas.edition_annex import Frozen
from schemas.period import Period
from schemas.vocabulary import EditionKind
from tasks.county import County
from tasks.publication import archive
from tasks.store import ledger
from tasks.store.editions import Published, published
from tasks.store.engine import Connection

KINDS = (EditionKind.QUARTER, EditionKind.HALF_YEAR, EditionKind.YEAR)


def added(
    connection: Connection, county: County, period: Period, watermark: int, body: Body
) -> Body:
    """The body with its towns' frozen ranks where its kind has them."""
    shown = county.policy.of_kind(period.kind).scoring.show_ranks
    if period.kind in KINDS and shown:
        body["frozen"] = _frozen(connection, county, period, watermark)
    return body


def _frozen(connection: Connection, county: County, period: Period, watermark: int) -> Frozen:
    weeks = weeks_ending_in(period, county.zone)
    latest = _latest(connection, county, watermark)
    known_at = ledger.known_at(connection, county.code, watermark)
    final = [w for w in weeks if w.code in latest and frozen_at(w, county.policy) <= known_at]
    codes = {week.code for week in final}
    bodies = [archive.document(county, latest[week.code])["body"] for week in final]
    return Frozen(
        weeks=[{"period": w.code, "edition": str(latest[w.code].number)} for w in final],
        pending=[w.code for w in weeks if w.code in latest and w.code not in codes],
        missing=[w.code for w in weeks if w.code not in latest],
        towns=standings(bodies, county.organisation.town_codes()),
    )


def _latest(connection: Connection, county: County, watermark: int) -> dict[str, Published]:
    """The latest edition of every week as known at the watermark."""
    known = published(connection, county.code, EditionKind.WEEKLY.value)
    return {edition.period: edition for edition in known if edition.seq <= watermark}
