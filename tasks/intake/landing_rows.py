"""A delivery's rows before it is stored, whatever the medium: their fields listed and rewritten.

A field is named by its dotted path, as the reader names columns; the items of a list share the path
of the list. What a delivery holds outside of its rows (a page's notice, the lines above a heading,
notes between rows) is no row's, so what looks like a person's number there is blotted out by its
shape. XML attributes and text between elements are dropped, because nothing reads them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson

from rules.redaction import redacted
from schemas.connectors import Workbook
from schemas.source import SourceDeclaration
from tasks.intake.reading_csv import records
from tasks.intake.reading_files import DELIMITERS, FILES, layout_of, rows_of, tables_of
from tasks.intake.reading_grid import Grid, is_no_row
from tasks.intake.reading_heading import Layout, head_of, names_of
from tasks.intake.reading_json import page_rows, parse
from tasks.intake.reading_malformed import Malformed
from tasks.intake.reading_xml import local_name, parse_xml
from tasks.sources.base import Media, Part, Pulled

Leaf = tuple[str, str]  # path, text


class Row(Protocol):
    """A row of any medium."""

    def leaves(self) -> list[Leaf]:
        """Every field with its text, "" where it is blank."""

    def rewrite(self, changes: Mapping[Leaf, str]) -> None:
        """Put another text where a field has the one that is named."""

    def fill(self, path: str, text: str) -> bool:
        """Put a text where nothing stands; False where there is no such place."""


@dataclass(frozen=True)
class Page:
    """One part of a delivery: its rows, and the bytes that they make as they are now."""

    name: str
    rows: list[Row]
    rendered: Callable[[], bytes]


def pages_of(pulled: Pulled, declaration: SourceDeclaration) -> tuple[Media, list[Page]]:
    """Every part as it is going to be stored. Raises Malformed where rows cannot be told."""
    if pulled.media in FILES:
        pages = [p for part in pulled.parts for p in _sheets(part, pulled.media, declaration)]
        return "csv", pages or [Page(p.name, [], partial(bytes, p.content)) for p in pulled.parts]
    made = _json_page if pulled.media == "json" else _xml_page
    return pulled.media, [made(part, declaration) for part in pulled.parts]


def _json_page(part: Part, declaration: SourceDeclaration) -> Page:
    page = parse(part.content, lambda digits: orjson.Fragment(digits))
    found = page_rows(page, declaration.connector)
    strange = next((n for n, row in enumerate(found, 1) if not isinstance(row, dict)), None)
    if strange is not None:
        raise Malformed(f"row {strange} is not an object")
    if page is not found:
        _blot(page, found)
    rows: list[Row] = [_Tree(row) for row in found if isinstance(row, dict)]
    return Page(part.name, rows, lambda: orjson.dumps(page))


def _blot(node: Any, rows: object) -> None:
    """What a page says beside its rows."""
    leaves = [
        leaf for key, inner in _items(node) if inner is not rows for leaf in _tree(inner, key)
    ]
    made = redacted([[text for _, text in leaves]], [()])[0]
    changes = {leaf: new for leaf, new in zip(leaves, made, strict=True) if new != leaf[1]}
    for key, inner in _items(node) if changes else ():
        if inner is not rows and not isinstance(inner, list):
            node[key] = _rewritten(inner, key, changes)


def _items(node: Any) -> Iterable[tuple[str, Any]]:
    return list(node.items()) if isinstance(node, dict) else ()


@dataclass(frozen=True)
class _Tree:
    """A row of JSON."""

    node: dict[str, Any]

    def leaves(self) -> list[Leaf]:
        return list(_tree(self.node, ""))

    def rewrite(self, changes: Mapping[Leaf, str]) -> None:
        if all(isinstance(self.node.get(path), str) for path, _ in changes):
            self.node.update({path: new for (path, _), new in changes.items()})
        else:
            _rewritten(self.node, "", changes)

    def fill(self, path: str, text: str) -> bool:
        *way, last = path.split(".")
        node: Any = self.node
        for step in way:
            node = node.setdefault(step, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict) or written(node.get(last)).strip():
            return False
        node[last] = text
        return True


def _tree(node: Any, path: str) -> Iterator[Leaf]:
    if isinstance(node, dict):
        for key, inner in node.items():
            if inner.__class__ is str:  # nearly all of them
                yield (f"{path}.{key}" if path else key), inner
            else:
                yield from _tree(inner, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for inner in node:
            yield from _tree(inner, path)
        if not node:
            yield path, ""
    else:
        yield path, written(node)


def written(node: Any) -> str:
    """A value of JSON as text."""
    if node is None:
        return ""
    return node if isinstance(node, str) else orjson.dumps(node).decode()


def _rewritten(node: Any, path: str, changes: Mapping[Leaf, str]) -> Any:
    if isinstance(node, dict):
        for key in node:
            node[key] = _rewritten(node[key], f"{path}.{key}" if path else key, changes)
        return node
    if isinstance(node, list):
        node[:] = [_rewritten(inner, path, changes) for inner in node]
        return node
    return changes.get((path, written(node)), node)


def _xml_page(part: Part, _declaration: SourceDeclaration) -> Page:
    root = parse_xml(part.content)
    _bare(root)
    rows: list[Row] = [_Branch(child) for child in root]
    return Page(part.name, rows, lambda: tostring(root, encoding="utf-8", xml_declaration=True))


def _bare(element: Element) -> None:
    element.attrib.clear()
    element.tail = None
    if len(element):
        element.text = None


@dataclass(frozen=True)
class _Branch:
    """A row of XML."""

    element: Element

    def leaves(self) -> list[Leaf]:
        return [(path, e.text or "") for path, e in self._elements()]

    def rewrite(self, changes: Mapping[Leaf, str]) -> None:
        for path, element in self._elements():
            element.text = changes.get((path, element.text or ""), element.text)

    def fill(self, path: str, text: str) -> bool:
        element = self.element
        for step in path.split("."):
            here = [child for child in element if local_name(child) == step]
            element = here[0] if here else SubElement(element, step)
        if len(element) or (element.text or "").strip():
            return False
        element.text = text
        return True

    def _elements(self) -> Iterator[tuple[str, Element]]:
        """Every element that holds text; a row that is a single one has its own name."""
        yield from _leaf_elements(
            self.element, "" if len(self.element) else local_name(self.element)
        )


def _leaf_elements(element: Element, path: str) -> Iterator[tuple[str, Element]]:
    _bare(element)
    if not len(element):
        yield path, element
    for child in element:
        name = local_name(child)
        yield from _leaf_elements(child, f"{path}.{name}" if path else name)


def _sheets(part: Part, media: Media, declaration: SourceDeclaration) -> Iterator[Page]:
    """A file as csv: a source with reporters is stored as the text of its sheets, a part each."""
    connector = declaration.connector
    assert isinstance(connector, Workbook)
    for sheet, text in tables_of(part, media, connector) if part.content else ():
        rows_of(sheet, text, media, connector)  # a ragged row could shift a name
        grid = records(text, DELIMITERS.get(media, ","))
        name = part.name if connector.sheets is None else sheet
        yield _grid_page(name, grid, layout_of(connector), declaration)


def _grid_page(name: str, grid: Grid, layout: Layout, declaration: SourceDeclaration) -> Page:
    head = head_of(grid, layout)
    header = names_of(head, layout) if head else []
    _refuse_strange(header, len(head) < len(grid), declaration)
    beside = [row for n, row in enumerate(grid) if n < len(head) or is_no_row(_first(row), layout)]
    for row, new in zip(beside, redacted(beside, [()] * len(beside)), strict=True):
        row[:] = new
    columns = [name or f"#{n}" for n, name in enumerate(header, 1)]
    rows: list[Row] = [_Record(columns, row) for row in grid[len(head) :] if head]
    return Page(name, rows, lambda: _csv(grid))


def _refuse_strange(header: list[str], has_rows: bool, declaration: SourceDeclaration) -> None:
    """A table without its heading has a reporter where the heading should be."""
    known = {*declaration.reads(), *declaration.reporter_fields}
    if has_rows and header and not known & set(header):
        raise Malformed("its heading has none of the columns that this source has")


def _first(row: list[str]) -> str:
    return next((cell for cell in row if cell.strip()), "")


def _csv(grid: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(grid)
    return out.getvalue().encode()


@dataclass(frozen=True)
class _Record:
    """A row of a file; cells beyond the heading have their position for a name."""

    columns: list[str]
    row: list[str]

    def leaves(self) -> list[Leaf]:
        beyond = (f"#{n}" for n in range(len(self.columns) + 1, len(self.row) + 1))
        names = [*self.columns, *beyond] if len(self.row) > len(self.columns) else self.columns
        return list(zip(names, self.row, strict=False))

    def rewrite(self, changes: Mapping[Leaf, str]) -> None:
        self.row[:] = [changes.get(leaf, leaf[1]) for leaf in self.leaves()]

    def fill(self, path: str, text: str) -> bool:
        at = self.columns.index(path) if path in self.columns else len(self.row)
        if at >= len(self.row) or self.row[at].strip():
            return False
        self.row[at] = text
        return True
