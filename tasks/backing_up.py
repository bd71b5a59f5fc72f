"""A home as one folder that can be put back: its store, what was landed and published, its secrets.

The store is copied first and as of one moment, the files after it. Whatever the store names was
written before it did, and neither a landed delivery nor an edition is ever changed: so the files
hold all that the store names, and perhaps more, which the next collect takes and the next
publishing adopts. Nothing has to stand still. The vault comes last for the same reason: it seals
first, the ledger second.

What opens something lies in `secret/`, apart, so that it can be taken away from the rest. The
custodian's private key is no part of a home, and of no back-up.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from schemas.settings import Settings
from tasks.county import database_url
from tasks.store import dump, schema
from tasks.store.engine import open_engine
from tasks.store.operator_key import KEY_FILE

FORMAT = 1
MANIFEST, SECRET, FILES = "manifest.json", "secret", "files"
SECRETS = ("bihuan.toml", KEY_FILE, "vault")
# Made again by the program, or of this machine: nobody needs them back.
_LEFT = ("prefect", "log", "site", "site-internal", "city", *SECRETS)
_LEFT_PATTERNS = ("bihuan.sqlite*", "*custodian.key", ".*")


class NotRestored(Exception):
    """A folder is no whole back-up, or its place is taken; the message says what to do."""


@dataclass(frozen=True)
class Backup:
    """The stable keys of `bihuan backup --json` and `bihuan restore --json`."""

    folder: str
    database: str
    schema: str
    files: int
    bytes: int


def back_up(settings: Settings, folder: Path) -> Backup:
    """Write a whole back-up into `folder`, which must not exist or be empty.

    The manifest is written last: a folder without one is no back-up. Raises NotRestored,
    DumpFailed.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotRestored(f"{folder} is not empty: name a new folder for each back-up")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / SECRET).mkdir(mode=0o700)
    engine = open_engine(database_url(settings))
    try:
        schema.require_current(engine)
        store = dump.dump(engine, folder)
    finally:
        engine.dispose()
    for path in settings.home.iterdir():
        if path.name not in _LEFT and not _is_left(path.name):
            _copy(path, folder / FILES / path.name)
    for name in SECRETS:
        _copy(settings.home / name, folder / SECRET / name)
    return _sealed(folder, store)


def _is_left(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in _LEFT_PATTERNS)


def _copy(source: Path, target: Path) -> None:
    """Files as they are now; one that is renamed away meanwhile was not finished."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copy2(source, target)
    elif source.is_dir():
        shutil.copytree(source, target, copy_function=_present, symlinks=True)


def _present(source: str, target: str) -> None:
    try:
        shutil.copy2(source, target, follow_symlinks=False)
    except FileNotFoundError:
        Path(target).unlink(missing_ok=True)


def _sealed(folder: Path, store: Path) -> Backup:
    files = dict(_digests(folder))
    size = sum((folder / name).stat().st_size for name in files)
    made = Backup(str(folder), store.name, schema.latest(), len(files), size)
    text = json.dumps(asdict(made) | {"format": FORMAT, "digests": files}, indent=1)
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return made


def put_back(folder: Path, home: Path) -> Backup:
    """Make `home`, which must not exist or be empty, what was backed up into `folder`.

    The store goes where the back-up's bihuan.toml says, or BIHUAN_DATABASE_URL: PostgreSQL into a
    database without our tables. Nothing is written unless the back-up is whole. Raises
    NotRestored, DumpFailed.
    """
    if home.exists() and any(home.iterdir()):
        raise NotRestored(f"{home} is not empty: restore into a new home, then put it in its place")
    known = _whole(folder)
    settings = Settings.load(folder / SECRET)
    url = database_url(settings.model_copy(update={"home": home}))
    engine = open_engine(url)
    try:
        dump.require_fitting(engine, folder / known.database)
        home.mkdir(parents=True, exist_ok=True)
        for part in (FILES, SECRET):
            for path in (folder / part).iterdir():
                _copy(path, home / path.name)
        dump.restore(engine, folder / known.database)
        found = schema.version(engine)
    finally:
        engine.dispose()
    return replace(known, folder=str(home), schema=found)


def _whole(folder: Path) -> Backup:
    """What a back-up says of itself, once every file is what it says. Raises NotRestored."""
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        raise NotRestored(
            f"{folder} has no readable {MANIFEST}: the back-up was not finished, take another"
        ) from None
    expected, found = said.pop("digests"), dict(_digests(folder))
    if said.pop("format") != FORMAT:
        raise NotRestored(f"{folder} was made by a newer program: restore it with that one")
    wrong = sorted(n for n in expected | found if expected.get(n) != found.get(n))
    if wrong:
        raise NotRestored(
            f"{len(wrong)} files of {folder} are not what was backed up, {wrong[0]} first: take"
            " another back-up"
        )
    return Backup(**said)


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every file but the manifest."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and name != MANIFEST:
            with path.open("rb") as file:
                yield name, hashlib.file_digest(file, "sha256").hexdigest()
