"""A page as its tags: what it links to, which ids it has, and whether it is well made."""

import posixpath
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "hr", "br", "img", "input", "link"}
SVG_VOID = {"line", "circle", "rect", "polyline", "path"}


@dataclass
class Cell:
    tag: str
    scope: str


@dataclass
class Page(HTMLParser):
    """Everything that a rule for all pages asks about."""

    text: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.unbalanced += self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.tags.append((tag, own))
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td") and self.rows:
            self.rows[-1].append(Cell(tag, own.get("scope") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.unbalanced.append(tag)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if "id" in attrs]

    @property
    def targets(self) -> list[str]:
        """Everything the page leads to or loads, as it is written."""
        return [str(a[k]) for _, a in self.tags for k in ("href", "src") if a.get(k)]


def resolved(path: str, target: str) -> tuple[str, str]:
    """(file in the site, anchor) that a target on the page `path` means."""
    file, _, anchor = target.partition("#")
    return posixpath.normpath(
        posixpath.join(posixpath.dirname(path), file)
    ) if file else path, anchor


def visible(page: str) -> str:
    """What a page says, without its style and tags."""
    bare = re.sub(r"<(style|title|script)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare))
