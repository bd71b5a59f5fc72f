"""A site as files: it appears whole or not at all, and only what changed is made again.

    HOME/site                    a link to the pages below: what a web server is pointed at
    HOME/.sites/public/<name>/   pages/ and manifest.json (path → key of its recipe, sha256)

Pages whose key is known are linked from the last site after their bytes were checked, all others
are made; files and folders are fsynced, the folder is renamed, then the link is. What a crash left
is removed by the next build.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import orjson

from rules.seal import canonical
from schemas.site import Audience
from tasks.publication.shelf import sync
from tasks.publication.site_pages import Recipe
from tasks.publication.site_shelf import SiteRefused

FOLDERS: Mapping[Audience, str] = {"public": "site", "internal": "site-internal"}
_MODES: Mapping[Audience, int] = {"public": 0o755, "internal": 0o750}
_ALL, _PAGES, _MANIFEST = ".sites", "pages", "manifest.json"

Manifest = dict[str, list[str]]  # path → [key, sha256]


@dataclass(frozen=True)
class Built:
    """What a build did. `made`, `kept` and `removed` count files."""

    folder: Path
    pages: int
    made: int
    kept: int
    removed: int


def put(
    home: Path, audience: Audience, wanted: Sequence[Recipe], make: Callable[[Recipe], bytes]
) -> Built:
    """Make the site of an audience be these files. Raises SiteRefused."""
    shown, root = home / FOLDERS[audience], home / _ALL / audience
    if shown.exists() and not shown.is_symlink():
        raise SiteRefused(f"{shown} is not a site of ours: move it away, then build again")
    root.mkdir(parents=True, exist_ok=True)
    old, known = _last(shown)
    sound = {p for p, (_, sha) in known.items() if _digest(old / p) == sha}
    kept = {r.path for r in wanted if r.path in sound and known[r.path][0] == r.key}
    gone = len(known.keys() - {r.path for r in wanted})
    if len(kept) == len(wanted) and not gone:
        _sweep(root, old.parent)
        return Built(shown, len(wanted), 0, len(kept), 0)
    aside = Path(mkdtemp(prefix=".making-", dir=root))
    manifest = _fill(aside / _PAGES, wanted, old, known, kept, make)
    _write(aside / _MANIFEST, canonical(manifest))
    _settle(aside, _MODES[audience])
    target = _free(root, hashlib.sha256(canonical(manifest)).hexdigest()[:16])
    aside.rename(target)
    sync(root)
    _point(shown, target / _PAGES)
    _sweep(root, target)
    return Built(shown, len(wanted), len(wanted) - len(kept), len(kept), gone)


def _last(shown: Path) -> tuple[Path, Manifest]:
    """The pages that are shown now and their manifest; nothing where there is no site yet."""
    pages = shown.resolve()
    manifest = pages.parent / _MANIFEST
    if not shown.is_symlink() or not manifest.is_file():
        return pages, {}
    found: Manifest = orjson.loads(manifest.read_bytes())
    return pages, found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _fill(
    pages: Path,
    wanted: Sequence[Recipe],
    old: Path,
    known: Manifest,
    kept: set[str],
    make: Callable[[Recipe], bytes],
) -> Manifest:
    manifest: Manifest = {}
    for recipe in wanted:
        path = pages / recipe.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if recipe.path in kept:
            _same(old / recipe.path, path)
            manifest[recipe.path] = known[recipe.path]
        else:
            content = make(recipe)
            _write(path, content)
            manifest[recipe.path] = [recipe.key, hashlib.sha256(content).hexdigest()]
    return manifest


def _same(old: Path, new: Path) -> None:
    """The same file under a second name; a copy where the file system has no links."""
    try:
        new.hardlink_to(old)
    except OSError:
        _write(new, old.read_bytes())


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)


def _settle(folder: Path, mode: int) -> None:
    """Every folder readable by whom the site is for, and on the disk."""
    for inner in [p for p in folder.rglob("*") if p.is_dir()]:
        inner.chmod(mode)
        sync(inner)
    folder.chmod(mode)
    sync(folder)


def _free(root: Path, name: str) -> Path:
    """A name of its own: a damaged site may lie under the same one, and is still being shown."""
    count = 0
    while (root / f"{name}-{count}").exists():
        count += 1
    return root / f"{name}-{count}"


def _point(shown: Path, pages: Path) -> None:
    aside = shown.with_name(f".{shown.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(pages.relative_to(shown.parent))
    aside.rename(shown)
    sync(shown.parent)


def _sweep(root: Path, current: Path) -> None:
    """Remove every site but the one that is shown."""
    for other in root.iterdir():
        if other.name != current.name:
            shutil.rmtree(other, ignore_errors=True)
