"""The static site of a county: a pure function of the editions on its shelf and the tile map.

Promise: what an audience may not read is in no file of its site; the old site or the new one is
shown, never half of one; building again changes nothing, and a site built step by step is the one
built at once, byte for byte. Try: `bihuan site build --home DIR`, then open DIR/site/index.html.
"""

from dataclasses import dataclass

from schemas.edition import Edition
from schemas.site import Audience, Frame, page
from tasks.county import County
from tasks.publication import site_pages, site_shelf, site_store
from tasks.publication.body import bilingual
from tasks.store.lease import hold

AUDIENCES: tuple[Audience, ...] = ("public", "internal")


@dataclass(frozen=True)
class SiteReport:
    """The stable keys of `bihuan site build --json`, once per audience."""

    audience: str
    path: str
    editions: int
    pages: int
    made: int
    kept: int
    removed: int


def build(county: County, audience: Audience) -> SiteReport:
    """Bring one audience's site up to the shelf: `site/` or `site-internal/` in the home.

    The internal site has every edition, the public one those that are public by their own policy.
    Raises SiteRefused, LeaseHeld.
    """
    with hold(county.engine, county.code, f"site:{audience}"):
        briefs = site_shelf.shelved(county, audience)
        wanted = list(site_pages.recipes(_frame(county, audience), briefs))
        built = site_store.put(county.home, audience, wanted, site_pages.maker(county.home))
    return SiteReport(
        audience,
        str(built.folder),
        len(briefs),
        built.pages,
        built.made,
        built.kept,
        built.removed,
    )


def shows(county: County, edition: Edition) -> bool:
    """Whether every site that may show an edition does: a crash can come before its pages."""
    body = edition["body"]
    path = page(body["kind"], body["period"], edition["edition"])
    audiences = AUDIENCES if site_shelf.audience_of(body) == "public" else AUDIENCES[1:]
    return all((county.home / site_store.FOLDERS[a] / path).is_file() for a in audiences)


def build_all(county: County) -> list[SiteReport]:
    """Both sites: what the county shows to everybody, and to its own."""
    return [build(county, audience) for audience in AUDIENCES]


def _frame(county: County, audience: Audience) -> Frame:
    organisation = county.organisation
    tiles = {t.code: t.tile for t in organisation.towns if t.tile}
    return Frame(audience, bilingual(organisation.name), county.settings.demo, tiles)
