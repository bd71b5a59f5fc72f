"""What every connector promises: deliveries as bytes, or a reason why there are none.

A connector's `pull(request)` yields `Pulled` deliveries and appends nothing anywhere. A pull that
finds no rows still yields one (API and table sources): silence and "nothing new" are not the same.
It never advances a cursor by itself: `cursor_after` counts once the rows are committed. What goes
wrong is a `SourceDown` whose reason names the source, the value and the setting to mend, and never
a token, a query string or a cell's content.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.settings import SourceSettings
from schemas.source import SourceDeclaration

Media = Literal["json", "xml", "xlsx", "xls", "ods", "csv", "tsv"]


@dataclass(frozen=True)
class Part:
    """One page, window or file of a delivery, byte for byte as the source sent it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Pulled:
    """One delivery as pulled: who reports, for which period (None: continuous), and how far."""

    parts: tuple[Part, ...]
    media: Media
    reporting_unit: str
    period: str | None
    cursor_after: str
    nil_return: bool = False


@dataclass(frozen=True)
class PullRequest:
    """What a connector may know: the declaration, where the source lives, and from where on.

    `cursor` is the source's own text, "" before the first pull; `now` is UTC milliseconds;
    `landing` is the county's folder of deliveries, where corrections find what they correct.
    """

    declaration: SourceDeclaration
    settings: SourceSettings
    cursor: str
    now: int
    landing: Path | None = None

    @property
    def name(self) -> str:
        return self.declaration.name

    def setting(self, *keys: str) -> str:
        """How an operator finds a setting of this source, for messages."""
        return f"[sources.{self.name}] {' or '.join(keys)} in bihuan.toml"


class SourceDown(Exception):
    """A source gave nothing that can be used; other sources go on.

    `reason` is text for people; `code` is stable: unreachable, timeout, tls, broken, http, html,
    token, redirect, oversize, content, files, database, settings.
    """

    def __init__(self, source: str, reason: str, code: str = "unreachable") -> None:
        super().__init__(source, reason, code)
        self.source, self.reason, self.code = source, reason, code

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class SourceRefused(SourceDown):
    """The source answered, but asking again unchanged cannot help: a person must mend something."""
