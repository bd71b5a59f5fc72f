"""Which pages a site has, and of what each is made.

Promise: a recipe's arguments are all that its page depends on, so its key says whether the page
made last time is still the page. Documents and item lists are opened only when a page is made.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from rules.seal import canonical
from schemas.edition import MEASURES
from schemas.site import OWN, Brief, Frame
from schemas.vocabulary import EditionKind
from tasks.publication import site_shelf
from tasks.rendering.catalogue import LANGUAGES
from tasks.rendering.site import edition, frame, home, items, ledgers, lines, method, town

_PACKAGES = Path(__file__).parents[2]
_CODE = ("tasks/rendering", "tasks/publication", "schemas", "expectations/rules.py")
_KINDS = [k.value for k in EditionKind]


@dataclass(frozen=True)
class Opened:
    """The document of an edition, to be opened when a page is made of it."""

    brief: Brief


@dataclass(frozen=True)
class Cells:
    """The cells of an edition's item list: of one town with their items, or all names."""

    brief: Brief
    town: str = ""


@dataclass(frozen=True)
class File:
    """A file of an edition as it lies on the shelf."""

    brief: Brief
    name: str


@dataclass(frozen=True)
class Recipe:
    """One file of the site. `path` is where it lies, `make(*args)` its bytes."""

    path: str
    make: Callable[..., bytes]
    args: tuple[Any, ...] = field(default=())

    @cached_property
    def key(self) -> str:
        made_by = f"{self.make.__module__}.{self.make.__qualname__}"
        return hashlib.sha256(
            canonical([code_digest(), self.path, made_by, _identity(self.args)])
        ).hexdigest()


def _identity(value: Any) -> Any:
    """What tells an argument from another, as JSON."""
    if isinstance(value, Brief):
        return [value.path, value.seq, value.published_on, value.audience, value.items,
                *sorted(value.files.items())]  # fmt: skip
    if isinstance(value, Frame):
        return asdict(value)
    if isinstance(value, Opened | Cells | File):
        own = {k: v for k, v in vars(value).items() if k != "brief"}
        return [type(value).__name__, _identity(value.brief), own]
    if isinstance(value, dict):
        return {k: _identity(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_identity(v) for v in value]
    return value


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Of everything that decides what a page looks like."""
    found = hashlib.sha256(version("jinja2").encode())
    for start in _CODE:
        path = _PACKAGES / start
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                found.update(file.relative_to(_PACKAGES).as_posix().encode())
                found.update(file.read_bytes())
    return found.hexdigest()


def recipes(shared: Frame, briefs: Sequence[Brief]) -> Iterator[Recipe]:
    """Every file of the site; `briefs` in the order of publication."""
    for path in frame.assets():
        yield Recipe(path, _asset, (path,))
    for brief in briefs:
        for name in brief.files:
            yield Recipe(f"{brief.path}/files/{name}", _copy, (File(brief, name),))
    for lang in LANGUAGES:
        for path, make, args in _pages(shared, briefs):
            yield Recipe(frame.located(path, lang), make, (*args, lang))


_Page = tuple[str, Callable[..., bytes], tuple[Any, ...]]


def _pages(shared: Frame, briefs: Sequence[Brief]) -> Iterator[_Page]:
    by_kind = sorted(briefs, key=lambda b: (_kind_order(b.kind), b.order))
    lead = frame.leading(by_kind)
    newest = Opened(lead[-1]) if lead else None
    yield "index.html", home.page, (shared, by_kind, newest)
    if newest is None:
        for key in frame.NAVIGATION[1:]:
            yield f"{key}.html", ledgers.nothing, (shared, key)
        return
    for key in ("listed", "reporters", "coverage"):
        yield f"{key}.html", getattr(ledgers, key), (shared, lead, newest)
    for key in ("revisions", "proof"):
        yield f"{key}.html", getattr(ledgers, key), (shared, briefs, newest)
    yield from _methods(shared, briefs, lead[-1])
    yield from _editions(shared, by_kind)
    for code in dict.fromkeys(t.code for b in briefs for t in b.towns):
        yield town.path(code), town.page, (shared, code, [b for b in by_kind if b.town(code)])


def _kind_order(kind: str) -> tuple[int, str]:
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS)), kind


def _methods(shared: Frame, briefs: Sequence[Brief], newest: Brief) -> Iterator[_Page]:
    """A page per policy and kind, and the newest edition's under the name that navigation knows."""
    made_under: dict[str, list[Brief]] = {}
    for brief in briefs:
        made_under.setdefault(edition.method_path(brief), []).append(brief)
    for own in made_under.values():
        others = [b[-1] for b in made_under.values() if b is not own]
        names = [edition.method_path(own[-1])]
        if newest in own:
            names.append("method.html")
        for path in names:
            yield path, method.page, (shared, path, own, Opened(own[-1]), others)


def _editions(shared: Frame, by_kind: Sequence[Brief]) -> Iterator[_Page]:
    for _, group in groupby(by_kind, key=lambda b: b.kind):
        own = list(group)
        latest = frame.latest_of_each(own)
        for brief in own:
            around = _neighbours(brief, own, latest)
            history = _history(brief, own)
            args = (shared, brief, Opened(brief), history, around, Cells(brief))
            yield brief.page, edition.page, args
            for t in brief.towns if brief.items else ():
                path = edition.items_path(brief, t.code)
                yield path, items.page, (shared, brief, t.code, Cells(brief, t.code))


def _history(brief: Brief, own: Sequence[Brief]) -> list[Brief]:
    """The periods before, as they stood when this edition appeared."""
    if not lines.is_series(brief.kind):
        return []
    before = [b for b in own if b.seq < brief.seq and b.last_day < brief.last_day]
    return frame.latest_of_each(before)[-(lines.RECENT - 1) :]


def _neighbours(
    brief: Brief, own: Sequence[Brief], latest: Sequence[Brief]
) -> dict[str, Brief | None]:
    at = [b.period for b in latest].index(brief.period)
    same = {b.number: b for b in own if b.period == brief.period}
    return {
        "newer": latest[at] if latest[at].number > brief.number else None,
        "corrects": same.get(brief.previous),
        "before": latest[at - 1] if at else None,
        "after": latest[at + 1] if at + 1 < len(latest) else None,
    }


def maker(folder: Path) -> Callable[[Recipe], bytes]:
    """How the recipes of the home `folder` are made; the document opened last is kept open."""
    document = lru_cache(maxsize=4)(lambda known: site_shelf.document(folder, known.brief))
    listed = lru_cache(maxsize=2)(lambda known: site_shelf.items(folder, known.brief))

    def resolved(value: Any) -> Any:
        if isinstance(value, Opened):
            return document(_Known(value.brief.path, value.brief))
        if isinstance(value, File):
            return site_shelf.file(folder, value.brief, value.name)
        if isinstance(value, Cells):
            return _cells(listed(_Known(value.brief.path, value.brief)), value.town)
        return value

    def make(recipe: Recipe) -> bytes:
        return recipe.make(*map(resolved, recipe.args))

    return make


@dataclass(frozen=True)
class _Known:
    """A brief as a key: told apart by where it lies."""

    path: str
    brief: Brief = field(compare=False)


def _cells(found: dict[str, Any], code: str) -> Any:
    """Names of all cells, or one town's cells with their items in the order of a table."""
    if not code:
        return sorted(found)
    own = [cell for cell in found if cell.startswith(f"towns.{code}.")]
    return {cell: found[cell] for cell in sorted(own, key=_cell_order)}


def _cell_order(cell: str) -> tuple[int, str, str, int, str]:
    *_, scope, split, measure = cell.split(".")
    known = MEASURES.index(measure) if measure in MEASURES else len(MEASURES)
    return (scope != OWN, scope, split, known, measure)


def _asset(path: str) -> bytes:
    return frame.assets()[path]


def _copy(content: bytes) -> bytes:
    return content
