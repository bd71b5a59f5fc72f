"""Bringing a demo world into a home of its own, and holding editions against its truth file.

The connectors' part is played by `demo.deliveries`, which gives the bytes the servers would have
answered; everything behind it is the product.
"""

import shutil
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from demo.deliveries import Delivery as Sent
from demo.deliveries import deliveries
from demo.world import World
from rules.periods import week
from schemas.edition import Body
from schemas.settings import Settings
from tasks.county import County, open_county
from tasks.intake.collect import land_one, take_landed
from tasks.intake.drafts import Taking
from tasks.intake.landing import Delivery
from tasks.intake.submitting import confirm
from tasks.publication.body import build
from tasks.sources.base import Part, Pulled
from tasks.store import ledger, vault
from tasks.store.documents import adopt
from tasks.store.engine import reading
from tasks.store.schema import upgrade
from tasks.store.submissions import Pulls

ROOT = Path(__file__).resolve().parents[2]


def open_home(home: Path, database_url: str | None = None) -> County:
    """A demo home with the fictitious county's configuration and an empty store."""
    folder = home / "config" / "linwan"
    shutil.copytree(ROOT / "config" / "cixi", folder)
    shutil.copy(ROOT / "demo" / "organisation.yaml", folder)
    vault.establish(home / "vault")
    county = reopen(home, database_url)
    upgrade(county.engine)
    return county


def reopen(home: Path, database_url: str | None = None) -> County:
    settings = Settings.load(
        home, config_dir=home / "config", county="linwan", demo=True, database_url=database_url
    )
    return open_county(settings)


def land_sent(county: County, sent: Sent) -> Delivery:
    pulled = Pulled(
        tuple(Part(p.name, p.content) for p in sent.parts),
        sent.media,  # type: ignore[arg-type]
        sent.reporting_unit,
        sent.period,
        sent.cursor_after,
        sent.nil_return,
    )
    declaration = county.sources[sent.source]
    return land_one(county, declaration, pulled, sent.received_at, Pulls(sent.previous_pull_at))


def take_sent(county: County, batch: Iterable[Sent], now: int | None = None) -> int:
    """Land and take deliveries of one source together; returns the events appended."""
    sent = list(batch)
    landed = tuple(land_sent(county, s) for s in sent)
    at = now or max(s.received_at for s in sent)
    taken, retried = take_landed(county, county.sources[sent[0].source], landed, at)
    assert not taken.problems
    appended = taken.appended + sum(t.appended for t in retried)
    for each, delivery in zip(sent, landed, strict=True):
        if delivery.received_at != each.received_at:  # the same bytes as an earlier answer
            taking = Taking(county, county.sources[each.source], (delivery,))
            appended += confirm(taking, each.received_at)[1]
    return appended


def live_through(county: County, world: World) -> None:
    """Every collect instant in order, source by source by name, as the schedule would."""
    everything = sorted(deliveries(world), key=lambda d: (d.received_at, d.source))
    adopt(county, everything[0].received_at)
    for _, batch in groupby(everything, key=lambda d: (d.received_at, d.source)):
        take_sent(county, batch)


def take_all_at_once(county: County, world: World) -> None:
    """Everything a world ever sent, a source at a time: the same facts in another order."""
    everything = sorted(deliveries(world), key=lambda d: d.source)
    adopt(county, min(d.received_at for d in everything))
    for _, batch in groupby(everything, key=lambda d: d.source):
        take_sent(county, batch)


def body_of(county: County, code: str, known_by: int | None = None) -> Body:
    """The body of a week as known by an instant, or at the head."""
    with reading(county.engine) as connection:
        head = ledger.watermark(connection, county.code, known_by)
        return build(connection, county, week(code, county.zone), head.seq, {})
