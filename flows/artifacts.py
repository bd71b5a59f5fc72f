"""What a run shows in Prefect: tables, pages, links, a picture; escaped and capped.

Keys are lower-case letters, digits and dashes. Columns and facts are called as the catalogue calls
them (`run.<name>`), in the language of the run forms. Data is text for people and never markup: a
source that sends `<script>` or a table's bar shows them, it does not use them.
"""

import html
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flows.forms import LANG
from tasks.rendering.catalogue import known, text

MAX_ROWS = 200
MAX_CELL = 300
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~-])")


def key(*parts: str) -> str:
    """An artifact key: `key("bulletin", "2025-W10")` is `bulletin-2025-w10`."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


def cell(value: object) -> str:
    """One value as text that no renderer takes for markup."""
    line = " ".join(str("" if value is None else value).split())
    cut = line if len(line) <= MAX_CELL else line[: MAX_CELL - 1] + "…"
    return html.escape(cut, quote=False)


def inline(value: object) -> str:
    """One value inside a Markdown sentence."""
    return _MARKUP.sub(r"\\\1", cell(value))


def said(name: str, /, **values: object) -> str:
    """`run.<name>` in the language of the forms; a name without wording stays as it is."""
    return text(f"run.{name}", LANG, **values) if known(f"run.{name}") else name


def word(kind: str, code: str) -> str:
    """`<kind>.<code>` of the catalogue, such as `rung.remind`; else the code."""
    return text(f"{kind}.{code}", LANG) if known(f"{kind}.{code}") else code


def rows_of(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as an artifact may hold them: numbers stay numbers, the rest is cut and said so."""
    everything = list(rows)
    shown = [{cell(said(k)): _value(v) for k, v in row.items()} for row in everything[:MAX_ROWS]]
    if len(everything) > MAX_ROWS and shown:
        first = next(iter(shown[0]))
        shown.append({first: said("more", n=len(everything) - MAX_ROWS)})
    return shown


def _value(value: object) -> object:
    return value if isinstance(value, int | float) else cell(value)


def table(name: str, rows: Iterable[Mapping[str, Any]], description: str) -> None:
    """Show a table in the run; shows nothing outside a run."""
    from prefect.artifacts import create_table_artifact

    create_table_artifact(rows_of(rows), key=name, description=inline(description))


def page(name: str, markdown: str, description: str = "") -> None:
    """Show a Markdown page in the run. The caller passes data through `inline`."""
    from prefect.artifacts import create_markdown_artifact

    create_markdown_artifact(markdown, key=name, description=inline(description))


def image(name: str, svg: bytes, description: str = "") -> None:
    """Show a picture in the run; it is in the artifact itself, so no address must be reachable."""
    from prefect.artifacts import create_image_artifact

    address = "data:image/svg+xml;base64," + b64encode(svg).decode("ascii")
    create_image_artifact(address, key=name, description=inline(description))


def link(name: str, path: Path, description: str = "") -> None:
    """Name a file of the home; browsers open it from a page of the same machine only."""
    from prefect.artifacts import create_link_artifact

    create_link_artifact(path.as_uri(), inline(path), key=name, description=inline(description))


def facts(pairs: Mapping[str, object]) -> str:
    """A two-column Markdown table of names and values."""
    lines = [f"| {inline(said(k))} | {inline(v)} |" for k, v in pairs.items()]
    return "\n".join([f"| {said('fact')} | {said('value')} |", "|---|---|", *lines])
