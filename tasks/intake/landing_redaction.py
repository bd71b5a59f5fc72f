"""Reporters are split off in memory, before anything is stored.

Every declared reporter field that is filled in is replaced by `sealed:<token>`, the token of its
row; what stood there goes to the vault and nowhere else. A declared field that occurs in no row of
a delivery may have been renamed by the source: then every field that no mapping reads is sealed as
well, rather than a name stored in the clear. A source without reporter fields is not touched.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol
from xml.etree.ElementTree import Element, tostring

import orjson

from schemas.connectors import Workbook
from schemas.source import SourceDeclaration
from tasks.intake.reading_csv import records
from tasks.intake.reading_files import DELIMITERS, FILES, layout_of, rows_of, tables_of
from tasks.intake.reading_heading import head_of, names_of
from tasks.intake.reading_json import page_rows, parse
from tasks.intake.reading_xml import local_name, parse_xml
from tasks.sources.base import Part, Pulled
from tasks.store.vault import SealRequest

Seal = Callable[[list[SealRequest]], list[str]]
Path = tuple[str, ...]
MARK = "sealed:"


class Row(Protocol):
    """A row of any medium whose fields can be listed, read and replaced by path."""

    def leaves(self) -> Iterator[tuple[Path, str]]: ...
    def replace(self, paths: frozenset[Path], value: str) -> None: ...


@dataclass(frozen=True)
class _Page:
    rows: list[Row]
    rendered: Callable[[], bytes]


def redacted(pulled: Pulled, declaration: SourceDeclaration, seal: Seal) -> Pulled:
    """`pulled` with its reporters sealed. Raises Malformed when a part cannot be read safely."""
    if not declaration.reporter_fields or pulled.nil_return:
        return pulled
    if pulled.media in FILES:
        pulled = _transcribed(pulled, declaration)
    pages = [_page(part.content, pulled.media, declaration) for part in pulled.parts]
    rows = [row for page in pages for row in page.rows]
    _seal_rows(rows, _sealed_paths(rows, declaration), declaration.name, seal)
    parts = tuple(
        Part(part.name, page.rendered()) for part, page in zip(pulled.parts, pages, strict=True)
    )
    return replace(pulled, parts=parts)


def _page(content: bytes, media: str, declaration: SourceDeclaration) -> _Page:
    if media == "json":
        return _json_page(content, declaration)
    return _xml_page(content) if media == "xml" else _grid_page(content, declaration)


def _sealed_paths(rows: list[Row], declaration: SourceDeclaration) -> Callable[[Path], bool]:
    declared = {tuple(name.split(".")) for name in declaration.reporter_fields}
    present = {path for row in rows for path, _ in row.leaves()}
    if all(any(path[: len(d)] == d for path in present) for d in declared):
        return lambda path: any(path[: len(d)] == d for d in declared)
    read = {tuple(name.split(".")) for name in columns_read(declaration)}
    return lambda path: (
        any(path[: len(d)] == d for d in declared) or not any(path[: len(r)] == r for r in read)
    )


def columns_read(declaration: SourceDeclaration) -> set[str]:
    """Every column of the source that its mapping looks at."""
    return set(declaration.reads())


def _seal_rows(rows: list[Row], is_sealed: Callable[[Path], bool], source: str, seal: Seal) -> None:
    touched, requests = [], []
    for row in rows:
        leaves = list(row.leaves())
        secret = {path: value for path, value in leaves if value.strip() and is_sealed(path)}
        if secret:
            touched.append((row, frozenset(secret)))
            requests.append(SealRequest(source, _canonical(leaves), _canonical(secret.items())))
    for (row, paths), token in zip(touched, seal(requests), strict=True):
        row.replace(paths, MARK + token)


def _canonical(leaves: Iterable[tuple[Path, str]]) -> bytes:
    pairs = sorted((".".join(path), value) for path, value in leaves)
    return orjson.dumps(pairs)


def _json_page(content: bytes, declaration: SourceDeclaration) -> _Page:
    page = parse(content, lambda digits: orjson.Fragment(digits))
    rows: list[Row] = [_Tree(row) for row in page_rows(page, declaration.connector)]
    return _Page(rows, lambda: orjson.dumps(page))


@dataclass(frozen=True)
class _Tree:
    """A row of JSON; the items of a list share the path of the list."""

    node: Any

    def leaves(self) -> Iterator[tuple[Path, str]]:
        return _tree_leaves(self.node, ())

    def replace(self, paths: frozenset[Path], value: str) -> None:
        _replace_in(self.node, (), paths, value)


def _tree_leaves(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from _tree_leaves(inner, (*path, key))
    elif isinstance(node, list):
        for inner in node:
            yield from _tree_leaves(inner, path)
        if not node:
            yield path, ""
    else:
        yield path, _written(node)


def _written(node: Any) -> str:
    if node is None:
        return ""
    return node if isinstance(node, str) else orjson.dumps(node).decode()


def _replace_in(node: Any, path: Path, paths: frozenset[Path], value: str) -> Any:
    if isinstance(node, dict):
        for key in node:
            node[key] = _replace_in(node[key], (*path, key), paths, value)
        return node
    if isinstance(node, list):
        node[:] = [_replace_in(inner, path, paths, value) for inner in node]
        return node
    return value if path in paths and _written(node).strip() else node


def _xml_page(content: bytes) -> _Page:
    root = parse_xml(content)
    rows: list[Row] = [_Branch(child) for child in root]
    return _Page(rows, lambda: tostring(root, encoding="utf-8", xml_declaration=True))


@dataclass(frozen=True)
class _Branch:
    """A row of XML; attributes are dropped, because nothing reads them."""

    element: Element

    def leaves(self) -> Iterator[tuple[Path, str]]:
        return ((path, e.text or "") for path, e in _elements(self.element, ()))

    def replace(self, paths: frozenset[Path], value: str) -> None:
        for path, element in _elements(self.element, ()):
            if path in paths and (element.text or "").strip():
                element.text = value


def _elements(element: Element, path: Path) -> Iterator[tuple[Path, Element]]:
    element.attrib.clear()
    element.tail = None
    for child in element:
        inner = (*path, local_name(child))
        if len(child):
            yield from _elements(child, inner)
        else:
            child.attrib.clear()
            yield inner, child


def _transcribed(pulled: Pulled, declaration: SourceDeclaration) -> Pulled:
    """A file as csv: a source with reporters is stored as the text of its sheets, a part each."""
    connector = declaration.connector
    assert isinstance(connector, Workbook)
    parts: list[Part] = []
    for part in pulled.parts:
        for sheet, text in tables_of(part, pulled.media, connector) if part.content else ():
            rows_of(sheet, text, pulled.media, connector)  # a ragged row could shift a name
            grid = records(text, DELIMITERS.get(pulled.media, ","))
            parts.append(Part(part.name if connector.sheets is None else sheet, _csv(grid)))
    return replace(pulled, parts=tuple(parts) or pulled.parts, media="csv")


def _grid_page(content: bytes, declaration: SourceDeclaration) -> _Page:
    connector = declaration.connector
    assert isinstance(connector, Workbook)
    layout, grid = layout_of(connector), records(content.decode())
    head = head_of(grid, layout)
    header = names_of(head, layout) if head else []
    rows: list[Row] = [_Record(header, row) for row in grid[len(head) :] if head]
    return _Page(rows, lambda: _csv(grid))


def _csv(grid: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(grid)
    return out.getvalue().encode()


@dataclass(frozen=True)
class _Record:
    """A row of a file; cells beyond the heading have their position for a name."""

    header: list[str]
    row: list[str]

    def leaves(self) -> Iterator[tuple[Path, str]]:
        return ((self._path(n), cell) for n, cell in enumerate(self.row))

    def replace(self, paths: frozenset[Path], value: str) -> None:
        for n, cell in enumerate(self.row):
            if cell.strip() and self._path(n) in paths:
                self.row[n] = value

    def _path(self, position: int) -> Path:
        name = self.header[position] if position < len(self.header) else f"#{position + 1}"
        return tuple(name.split("."))
