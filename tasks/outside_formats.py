"""How an .xlsx shows its numbers: the decimals of every formatted cell, and which are percentages.

The readers of deliveries want what a cell holds; a rate is judged by what it prints, and 0.93426
under `0.0%` prints 93.4 %. Read of workbooks alone that were judged small (`reading_xlsx.judged`):
entities are refused there, sizes are bounded. Formats nobody can read count as none.
"""

import posixpath
import re
import zipfile
from io import BytesIO
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from rules.outside_cells import Format

Formats = dict[tuple[int, int], Format]  # by row and column, from 0
BUILT_IN = {1: "0", 2: "0.00", 3: "0", 4: "0.00", 9: "0%", 10: "0.00%", 37: "0", 38: "0"} | {
    39: "0.00",
    40: "0.00",
}
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_PLACES = re.compile(r"[0#?,]+(?:\.(?P<part>[0#?]+))?")
MOST_PLACES = 15


def formats_of(content: bytes) -> dict[str, Formats]:
    """Sheet → formats of its numbers. Empty where a part is missing or damaged."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            styles = _styles(archive)
            return {
                sheet: _sheet(_root(archive, path), styles)
                for sheet, path in _sheets(archive).items()
            }
    except (KeyError, ValueError, ElementTree.ParseError, DefusedXmlException, zipfile.BadZipFile):
        return {}


def shown_by(code: str) -> Format | None:
    """A number format as far as it matters here; None for dates, general and free text."""
    bare = _QUOTED.sub("", code.partition(";")[0]).strip()
    match = _PLACES.search(bare)
    if match is None or re.search(r"[EeyYmdhs/@]", bare) or bare.rstrip("%").endswith(","):
        return None
    places = len(match["part"] or "")
    return Format(places, "%" in bare) if places <= MOST_PLACES else None


def _root(archive: zipfile.ZipFile, path: str) -> Any:
    return ElementTree.fromstring(archive.read(path))


def _all(root: Any, name: str) -> list[Any]:
    """Elements of a name in whatever namespace: two standards name them differently."""
    return [e for e in root.iter() if isinstance(e.tag, str) and e.tag.rpartition("}")[2] == name]


def _styles(archive: zipfile.ZipFile) -> list[Format | None]:
    """The format of every cell style, in their order."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    root = _root(archive, "xl/styles.xml")
    own = {int(e.get("numFmtId", 0)): e.get("formatCode", "") for e in _all(root, "numFmt")}
    codes = BUILT_IN | own
    used = [e for group in _all(root, "cellXfs") for e in group]
    return [shown_by(codes.get(int(e.get("numFmtId", 0)), "")) for e in used]


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet → the file inside the workbook."""
    targets = {
        e.get("Id"): posixpath.normpath(posixpath.join("/xl", e.get("Target", ""))).lstrip("/")
        for e in _all(_root(archive, "xl/_rels/workbook.xml.rels"), "Relationship")
    }
    found = {}
    for sheet in _all(_root(archive, "xl/workbook.xml"), "sheet"):
        link = next((v for k, v in sheet.attrib.items() if k.rpartition("}")[2] == "id"), None)
        if targets.get(link, "").startswith("xl/worksheets/"):
            found[sheet.get("name", "")] = targets[link]
    return found


def _sheet(root: Any, styles: list[Format | None]) -> Formats:
    found: Formats = {}
    for cell in _all(root, "c"):
        place, style = _place(cell.get("r", "")), int(cell.get("s", 0))
        if place is None or cell.get("t", "n") != "n" or style >= len(styles):
            continue
        shown = styles[style]
        if shown is not None:
            found[place] = shown
    return found


def _place(ref: str) -> tuple[int, int] | None:
    match = _REF.fullmatch(ref)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1
