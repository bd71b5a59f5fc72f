"""Reporters are split off in memory, before anything is stored.

Every declared reporter field that is filled in is replaced by `sealed:<token>`, the token of its
row; what stood there goes to the vault and nowhere else. Running text (`narratives` of the
declaration, and every field that no record reads) goes on without what tells of the reporter: the
reporter's own values, known from all rows of the same report in the delivery, and whatever has the
shape of a phone, an identity number or an e-mail address. Such a text is sealed whole, too.

A declared field that occurs in no row of a delivery may have been renamed by the source: then every
field that no record reads is sealed, rather than a name stored in the clear. A value that is sealed
already stays as it is, so redacting again changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import orjson

from rules.redaction import needles
from rules.redaction import redacted as without
from schemas.mapping import LITERAL, FieldSpec
from schemas.source import SourceDeclaration
from tasks.intake.landing_rows import Leaf, Row, pages_of
from tasks.intake.reading_malformed import unquoted
from tasks.sources.base import Part, Pulled, SourceDown
from tasks.store.vault import SealRequest

Seal = Callable[[list[SealRequest]], list[str]]
MARK = "sealed:"
SEALED = re.compile(MARK + "([0-9a-f]{32})")
_DEGREES = re.compile(r"-?[0-9]{1,3}\.[0-9]+")  # many digits, and nobody's number
_TOKENS = re.compile(SEALED.pattern.encode())


def redacted(pulled: Pulled, declaration: SourceDeclaration, seal: Seal, at: int = 0) -> Pulled:
    """`pulled` with its reporters sealed at `at` (UTC ms).

    Raises Malformed when a part cannot be read safely.
    """
    if not declaration.hides() or pulled.nil_return:
        return pulled
    media, pages = pages_of(pulled, declaration)
    _seal_rows([row for page in pages for row in page.rows], declaration, seal, at)
    parts = tuple(Part(page.name, page.rendered()) for page in pages)
    return replace(pulled, parts=parts, media=media)


class _Kind(IntEnum):
    PLAIN = 0  # read as what it is: a number, a date, a code
    PLACE = 1  # a name or an address, in which only numbers and e-mail addresses are looked for
    OTHER = 2  # no record reads it
    TEXT = 3
    SECRET = 4


@dataclass(frozen=True)
class _Told:
    """One row: its fields by kind, its report's own number, what becomes of its texts."""

    row: Row
    leaves: list[Leaf]
    kinds: dict[str, _Kind]
    number: str

    def of(self, *kinds: _Kind) -> list[Leaf]:
        return [leaf for leaf in self.leaves if self.kinds[leaf[0]] in kinds]

    @cached_property
    def secrets(self) -> list[Leaf]:
        """Reporter fields that hold something, and are not sealed already."""
        found = self.of(_Kind.SECRET)
        return [leaf for leaf in found if leaf[1].strip() and not SEALED.fullmatch(leaf[1])]


def _seal_rows(rows: list[Row], declaration: SourceDeclaration, seal: Seal, at: int) -> None:
    listed = [row.leaves() for row in rows]
    kinds = _kinds({path for leaves in listed for path, _ in leaves}, declaration)
    specs = list(declaration.numbers())
    told = [
        _Told(row, leaves, kinds, _number(leaves, specs))
        for row, leaves in zip(rows, listed, strict=True)
    ]
    sealing = [
        (each, changes)
        for each, changes in zip(told, _texts(told, declaration), strict=True)
        if changes or each.secrets
    ]
    tokens = seal([_request(each, changes, declaration, at) for each, changes in sealing])
    for (each, changes), token in zip(sealing, tokens, strict=True):
        _write(each, changes, MARK + token, declaration)


def _kinds(paths: Iterable[str], declaration: SourceDeclaration) -> dict[str, _Kind]:
    present, declared = sorted(paths), declaration.reporter_fields
    texts, read, places = declaration.narratives(), declaration.reads(), declaration.places()
    renamed = not all(any(_lies_under(path, (name,)) for path in present) for name in declared)
    other = _Kind.SECRET if renamed else _Kind.OTHER

    def kind(path: str) -> _Kind:
        if _lies_under(path, declared):
            return _Kind.SECRET
        if _lies_under(path, texts):
            return _Kind.TEXT
        if _lies_under(path, places):
            return _Kind.PLACE
        return _Kind.PLAIN if _lies_under(path, read) else other

    return {path: kind(path) for path in present}


def _lies_under(path: str, names: Iterable[str]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for name in names)


def _number(leaves: list[Leaf], specs: Sequence[FieldSpec]) -> str:
    """The report's own number, "" where the row has none."""
    values = dict(leaves)
    for spec in specs:
        words = [c[1:] if spec.join is not None and c.startswith(LITERAL) else values.get(c, "")
                 for c in spec.columns()]  # fmt: skip
        if spec.join is None:
            words = [word for word in words if word.strip()][:1]
        if words and all(word.strip() for word in words):
            return (spec.join or "").join(words)
    return ""


def _texts(told: list[_Told], declaration: SourceDeclaration) -> list[dict[Leaf, str]]:
    """What every row's running texts become, where they change."""
    known = _known(told, declaration)
    changes = _without(told, known, _Kind.TEXT, _Kind.OTHER)
    numbers = [tuple(form for form in own if form.isascii()) for own in known]
    for each, more in zip(changes, _without(told, numbers, _Kind.PLACE), strict=True):
        each |= more
    return changes


def _without(
    told: list[_Told], known: list[tuple[str, ...]], *kinds: _Kind
) -> list[dict[Leaf, str]]:
    """By row, the texts of these kinds in which something is found, as they become."""
    running = [[x for x in each.of(*kinds) if not _DEGREES.fullmatch(x[1])] for each in told]
    made = without([[text for _, text in leaves] for leaves in running], known)
    return [
        {leaf: new for leaf, new in zip(leaves, texts, strict=True)
         if new != leaf[1] and not SEALED.fullmatch(leaf[1])}
        for leaves, texts in zip(running, made, strict=True)
    ]  # fmt: skip


def _known(told: list[_Told], declaration: SourceDeclaration) -> list[tuple[str, ...]]:
    """By row, how its reporter may be named: by the values of all rows of the same report."""
    order = {name: n for n, name in enumerate(declaration.reporter_fields)}
    by_number: dict[str, dict[str, None]] = {}
    own = []
    for each in told:
        secrets = sorted(each.secrets, key=lambda leaf: order.get(leaf[0], len(order)))
        found = needles([text for _, text in secrets])
        own.append(found)
        if each.number and found:
            by_number.setdefault(each.number, {}).update(dict.fromkeys(found))
    return [tuple(by_number.get(e.number, mine)) for e, mine in zip(told, own, strict=True)]


def _request(
    each: _Told, changes: dict[Leaf, str], declaration: SourceDeclaration, at: int
) -> SealRequest:
    """The reporter and the running text whole; the rest of the row is in the clear anyway."""
    texts = [leaf for leaf in each.of(_Kind.TEXT) if leaf[1].strip()]
    hidden = dict.fromkeys((*each.secrets, *texts, *changes))
    rest = () if each.number else (leaf for leaf in each.leaves if leaf not in hidden)
    return SealRequest(
        declaration.name,
        row=_canonical(each.leaves),
        cleartext=_canonical(hidden),
        report=each.number.encode() if each.number else b"\x00" + _canonical(rest),
        at=at,
    )


def _canonical(leaves: Iterable[Leaf]) -> bytes:
    return orjson.dumps(sorted(leaves))


def _write(
    each: _Told, changes: dict[Leaf, str], mark: str, declaration: SourceDeclaration
) -> None:
    """The row as it goes on; the mark always stands in it, so that the sealed row is no orphan."""
    secrets = each.secrets
    each.row.rewrite(changes | dict.fromkeys(secrets, mark))
    if not secrets and not any(each.row.fill(n, mark) for n in declaration.reporter_fields):
        (path, _), text = next(iter(changes.items()))
        each.row.rewrite({(path, text): f"{text} {mark}"})


def tokens_in(content: bytes) -> Iterator[str]:
    """The tokens that stand in a landed part."""
    return (token.decode() for token in _TOKENS.findall(content))


def told(error: Exception, declaration: SourceDeclaration) -> str:
    """Why a source gave nothing, fit for logs and pages: what it quotes may be a reporter's."""
    text = str(error)
    if not declaration.hides():
        return text
    is_content = isinstance(error, SourceDown) and error.code == "content"
    return without([[unquoted(text) if is_content else text]], [()])[0][0]
