"""County editions as a province reads them: files, never a county's store.

A county's editions lie in its home (`editions/CODE/KIND/PERIOD/NUMBER/edition.json`) or in a site
built of it (`KIND/PERIOD/NUMBER/files/edition.json`); a copy of either will do. A file is taken
only if it is what it says: of this county, kind and period, with the figures of its digest.
"""

import hashlib
from pathlib import Path
from typing import Any

import orjson

from rules.province import Taken
from rules.seal import digest
from schemas.edition import SCHEMA, Edition
from schemas.period import Period
from schemas.province import FILE, CountyOf, Province
from tasks.configuration import read
from tasks.publication.shelf import DOCUMENT, POINTER
from tasks.refusing import Refusal


class ProvinceRefused(Refusal):
    """No province's edition was made; the message says why and what to do."""

    area = "refusal.province"


def declaration(home: Path) -> Province:
    """`province.yaml` of a home. Raises ProvinceRefused, ConfigurationError."""
    path = home / FILE
    if not path.is_file():
        raise ProvinceRefused("undeclared", {"file": path})
    return read(path, Province)


def latest(home: Path, county: CountyOf, period: Period) -> Taken | None:
    """The county's latest edition of a period; None where there is none. Raises ProvinceRefused."""
    number = _latest(_shelf(home, county, period))
    return numbered(home, county, period, number) if number else None


def numbered(home: Path, county: CountyOf, period: Period, number: int) -> Taken | None:
    """An edition by its number; None where its file is gone. Raises ProvinceRefused."""
    path = _file(_shelf(home, county, period), number)
    if path is None:
        return None
    content = path.read_bytes()
    edition = _sound(county, period, number, path, content)
    return Taken(edition, hashlib.sha256(content).hexdigest())


def _shelf(home: Path, county: CountyOf, period: Period) -> Path:
    """The folder of a period's editions. Raises ProvinceRefused for a folder that is not there."""
    base = (home / Path(county.editions).expanduser()).absolute()
    if not base.is_dir():
        raise ProvinceRefused("no_folder", {"county": county.name.zh, "folder": base})
    own = base / "editions" / county.code
    shelf = own if own.is_dir() else base
    return shelf / period.kind.value / period.code


def _latest(shelf: Path) -> int:
    """What the shelf's pointer says, else the greatest number; 0 for none."""
    pointer = shelf / POINTER
    if pointer.is_file() and (said := pointer.read_text("utf-8").strip()).isdigit():
        return int(said)
    numbers = [int(f.name) for f in shelf.glob("*") if f.name.isdigit()]
    return max((n for n in numbers if _file(shelf, n)), default=0)


def _file(shelf: Path, number: int) -> Path | None:
    places = (shelf / str(number) / DOCUMENT, shelf / str(number) / "files" / DOCUMENT)
    return next((path for path in places if path.is_file()), None)


def _sound(county: CountyOf, period: Period, number: int, path: Path, content: bytes) -> Edition:
    values = {"county": county.name.zh, "file": path}
    try:
        edition: Any = orjson.loads(content)
        body = edition["body"]
        said = (body["county"]["code"], body["kind"], body["period"], edition["edition"])
        schema, own = body["schema"], digest(body)
    except (ValueError, KeyError, TypeError):
        raise ProvinceRefused("unreadable", values) from None
    if said != (county.code, period.kind.value, period.code, number):
        raise ProvinceRefused("another", values | {"said": "/".join(map(str, said))})
    if schema != SCHEMA:
        raise ProvinceRefused("schema", values | {"schema": schema, "known": SCHEMA})
    if own != edition["body_digest"]:
        raise ProvinceRefused("changed", values | {"number": number})
    made: Edition = edition
    return made
