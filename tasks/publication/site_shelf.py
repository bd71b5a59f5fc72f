"""The shelf as a site reads it: which editions it may show, each as a brief, and their files.

Promise: an edition that is not plainly for the public never enters a public site; of a shown
edition only its printed files (`PRINTED`) can be taken over, nothing else of its folder.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson

from schemas.edition import Body, Edition, Unit
from schemas.site import OWN, Audience, Brief, Standing
from tasks.county import County
from tasks.publication.files import DOCUMENT, ITEMS
from tasks.publication.itemised import Items
from tasks.rendering.html import audience as said_audience
from tasks.rendering.ranking import shows_ranks
from tasks.store.editions import Published, published
from tasks.store.engine import reading

PRINTED = (DOCUMENT, "bulletin.")  # how names of files begin that a reader may download


class SiteRefused(Exception):
    """No site was made; the message says why and what to do."""


def shelved(county: County, audience: Audience) -> list[Brief]:
    """Every edition that the audience may read, in the order they were published."""
    with reading(county.engine) as connection:
        rows = published(connection, county.code)
    briefs = (_brief(county, row) for row in rows)
    return [b for b in briefs if audience == "internal" or b.audience == "public"]


def document(home: Path, brief: Brief) -> Edition:
    return cast(Edition, orjson.loads(file(home, brief, DOCUMENT)))


def file(home: Path, brief: Brief, name: str) -> bytes:
    """A published file. Raises SiteRefused where it is not what was published."""
    return _sound(home / brief.folder / name, brief.files[name])


def _sound(path: Path, expected: str) -> bytes:
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != expected:
        raise SiteRefused(
            f"{path} is not the file that was published (sha256 {expected[:16]}…): run"
            " `bihuan audit`, put it back from a backup, then build the site again"
        )
    return content


def items(home: Path, brief: Brief) -> Items:
    """Cell → its items; empty where no list was made. Raises SiteRefused."""
    if not brief.items:
        return {}
    return cast(Items, orjson.loads(_sound(home / brief.folder / ITEMS, brief.items)))


def _brief(county: County, row: Published) -> Brief:
    content = _sound(county.home / row.folder / DOCUMENT, row.files[DOCUMENT])
    made = cast(Edition, orjson.loads(content))
    body, revision = made["body"], made.get("revision")
    moves = revision["moves"] if revision else []
    return Brief(
        kind=row.kind,
        period=row.period,
        number=row.number,
        seq=row.seq,
        watermark=row.watermark,
        ledger_head=made["ledger_head"],
        ledger_root=made.get("ledger_root", ""),
        policy_hash=row.policy_hash,
        policy_version=str(body["policy"].get("version", "")),
        body_digest=row.body_digest,
        published_on=_day(row.published_at, county.zone),
        first_day=body["first_day"],
        last_day=body["last_day"],
        county=cast(Any, body["county"]["name"]),
        audience=audience_of(body),
        fictitious=body["fictitious"],
        shows_ranks=shows_ranks(body),
        revision_class=revision["revision_class"] if revision else "",
        previous=revision["previous"] if revision else 0,
        moved=len(moves),
        towns=_standings(body["towns"]),
        sectors=_standings(body["sectors"]),
        total=_standing(body["total"]),
        listed=tuple(body["listed"]),
        missing=tuple(body["missing"]),
        late=tuple(body["late"]),
        folder=row.folder,
        files={n: sha for n, sha in sorted(row.files.items()) if n.startswith(PRINTED)},
        items=row.files.get(ITEMS, ""),
    )


def audience_of(body: Body) -> Audience:
    """What is not plainly public is internal."""
    return "public" if said_audience(body["policy"]) == "public" else "internal"


def _standings(units: list[Unit]) -> tuple[Standing, ...]:
    return tuple(_standing(u) for u in units)


def _standing(unit: Unit) -> Standing:
    return Standing(
        code=unit["code"],
        name=unit["name"],
        group=unit["group"],
        rank=unit["rank"],
        last_rank=unit["last_rank"],
        score=unit["score"],
        counts=unit["counts"][OWN]["all"],
        rates={name: rate["value"] for name, rate in unit["rates"][OWN]["all"].items()},
    )


def _day(instant: int, zone: str) -> str:
    return datetime.fromtimestamp(instant // 1000, ZoneInfo(zone)).date().isoformat()
