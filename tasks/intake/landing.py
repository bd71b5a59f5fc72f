"""Deliveries as they came, stored once under the digest of their content, never changed again.

    landing/<county>/<source>/<two digits>/<digest>/manifest.json + parts

The same bytes from the same unit for the same period are the same delivery: landing them again
returns the first one with its first `received_at`. A delivery appears whole or not at all (written
aside, fsynced, renamed). Reporters are sealed before the first byte is written, so a landing folder
holds none; the vault commits first, and a crash between the two leaves only a token nobody points
at.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schemas.source import SourceDeclaration
from tasks.intake.landing_redaction import redacted
from tasks.intake.reading_malformed import Malformed, unquoted
from tasks.sources.base import Media, Part, Pulled, SourceRefused
from tasks.store.vault import SealRequest, VaultError

SCHEMA = "bihuan/delivery/1"
MANIFEST, INCOMING = "manifest.json", ".incoming"
STALE_SECONDS = 86_400  # what a crash left behind in .incoming is removed after a day

__all__ = ["Damaged", "Delivery", "SealRequest", "land", "landed", "load"]


class Damaged(Exception):
    """A stored delivery that is no longer what was landed."""


@dataclass(frozen=True)
class Delivery:
    """One landed delivery. Times are UTC ms; `cursor_after` is that of its first landing."""

    county: str
    source: str
    digest: str
    media: Media
    reporting_unit: str
    period: str | None
    received_at: int
    previous_pull_at: int
    nil_return: bool
    cursor_after: str
    path: Path
    failing_since: int = 0  # our first failed pull after the previous one; 0: none failed

    def parts(self) -> tuple[Part, ...]:
        """The stored bytes, checked against the manifest. Raises Damaged."""
        return tuple(self._part(entry) for entry in _manifest(self.path)["parts"])

    def _part(self, entry: dict[str, Any]) -> Part:
        content = (self.path / entry["file"]).read_bytes()
        if _sha256(content) != entry["sha256"]:
            raise Damaged(f"{self.path / entry['file']} was changed after landing; restore it")
        return Part(entry["name"], content)


def land(
    folder: Path,
    declaration: SourceDeclaration,
    pulled: Pulled,
    received_at: int,
    previous_pull_at: int,
    seal: Callable[[list[SealRequest]], list[str]],
    *,
    county: str | None = None,
    failing_since: int = 0,
) -> Delivery:
    """Store a delivery, or find it stored. `folder` is the county's: its name is the county's code
    unless `county` says otherwise.

    Raises SourceRefused where reporters cannot be told from the rest or there is no vault for them.
    """
    county = county or folder.name
    stored = _redacted(pulled, declaration, seal, received_at)
    digest = _digest(county, declaration.name, stored)
    target = folder / declaration.name / digest[:2] / digest
    if not (target / MANIFEST).exists():
        manifest = {
            "schema": SCHEMA,
            "county": county,
            "source": declaration.name,
            "digest": digest,
            "media": stored.media,
            "reporting_unit": stored.reporting_unit,
            "period": stored.period,
            "received_at": received_at,
            "previous_pull_at": previous_pull_at,
            "failing_since": failing_since,
            "nil_return": stored.nil_return,
            "cursor_after": stored.cursor_after,
        }
        _store(folder, target, stored, manifest)
    return load(target)


def load(path: Path) -> Delivery:
    """The delivery stored at `path`. Raises Damaged."""
    manifest = _manifest(path)
    fields = {k: v for k, v in manifest.items() if k not in ("schema", "parts")}
    return Delivery(**fields, path=path)


def landed(folder: Path, source: str) -> list[Delivery]:
    """All deliveries of a source, in the order they were received."""
    found = [load(path.parent) for path in (folder / source).glob(f"??/*/{MANIFEST}")]
    return sorted(found, key=lambda d: (d.received_at, d.digest))


def manifest_of(delivery: Delivery) -> dict[str, Any]:
    """The delivery's fields as plain data, without its place on disk."""
    return {k: v for k, v in asdict(delivery).items() if k != "path"}


def _redacted(
    pulled: Pulled,
    declaration: SourceDeclaration,
    seal: Callable[[list[SealRequest]], list[str]],
    at: int,
) -> Pulled:
    try:
        return redacted(pulled, declaration, seal, at)
    except Malformed as error:
        named = f"{pulled.parts[0].name}: " if len(pulled.parts) == 1 else ""
        why = f"{named}{unquoted(str(error))}"
        reason = f"{why}; reporters cannot be sealed, so nothing of it was stored"
        raise SourceRefused(declaration.name, reason, "content") from None
    except VaultError as error:
        raise SourceRefused(declaration.name, str(error), "settings") from None


def _digest(county: str, source: str, pulled: Pulled) -> str:
    """What makes a delivery the same: who, for when, and every stored byte. Not: names of files."""
    contents = [_sha256(part.content) for part in pulled.parts]
    identity = [county, source, pulled.media, pulled.reporting_unit, pulled.period, contents]
    return _sha256(json.dumps(identity, ensure_ascii=False).encode())


def _store(folder: Path, target: Path, pulled: Pulled, manifest: dict[str, Any]) -> None:
    aside = _aside(folder)
    try:
        manifest["parts"] = list(_written(aside, pulled))
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        _write(aside / MANIFEST, text.encode())
        _sync(aside)
        _appear(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _written(aside: Path, pulled: Pulled) -> Iterator[dict[str, Any]]:
    for number, part in enumerate(pulled.parts, 1):
        file = f"{number:05d}.{pulled.media}"
        _write(aside / file, part.content)
        size = len(part.content)
        yield {"file": file, "name": part.name, "sha256": _sha256(part.content), "bytes": size}


def _appear(aside: Path, target: Path) -> None:
    """Give the finished delivery its name; another process may have been first with the same."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.rename(target)
    except OSError:
        if not (target / MANIFEST).exists():
            raise
    for parent in (target.parent, target.parent.parent):
        _sync(parent)


def _aside(folder: Path) -> Path:
    """A fresh folder for writing; leftovers of crashed runs are cleared by the way."""
    incoming = folder / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=incoming))
    now = fresh.stat().st_mtime
    for old in incoming.iterdir():
        if old != fresh and now - _modified(old, now) > STALE_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    return fresh


def _modified(path: Path, default: float) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return default


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise Damaged(f"{path} is no delivery ({type(error).__name__}); restore it") from None
    if manifest.get("schema") != SCHEMA:
        raise Damaged(f"{path} is a delivery of another form, {manifest.get('schema')!r}")
    return manifest


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
