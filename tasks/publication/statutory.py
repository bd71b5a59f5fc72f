"""The statutory monthly table of an edition: of monthly kinds only."""

from rules.statutory import rows, total
from schemas.edition import Bilingual, Body, Statutory
from schemas.organisation import Name
from schemas.vocabulary import EditionKind
from tasks.county import County
from tasks.store import statutory
from tasks.store.engine import Connection
from tasks.store.measures import Cut

KINDS = (EditionKind.MONTHLY.value, EditionKind.STATUTORY.value)


def added(connection: Connection, county: County, cut: Cut, body: Body) -> Body:
    """The body with its statutory table where its kind has one."""
    if body["kind"] not in KINDS:
        return body
    found = statutory.cells(connection, cut, county.policy.campaign.place_classes)
    organisation = county.organisation
    body["statutory"] = Statutory(
        towns=rows(found, "town", [(t.code, _both(t.name)) for t in organisation.towns]),
        sectors=rows(found, "sector", [(s.code, _both(s.name)) for s in organisation.sectors]),
        total=total(found, county.code, _both(organisation.name)),
    )
    return body


def _both(name: Name) -> Bilingual:
    return Bilingual(zh=name.zh, en=name.en)
