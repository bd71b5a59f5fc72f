"""The watch of an internal edition as tables: flags, measures by town, lots for re-inspection."""

from schemas.edition import Body
from schemas.edition_annex import Flag, Watch, Watched
from schemas.policy_watch import WatchMeasure
from tasks.rendering.annexes import columns_of, unit_names
from tasks.rendering.catalogue import text
from tasks.rendering.grid import Column, Grid, Row, Value


def grids(body: Body, lang: str) -> list[Grid]:
    """Flags, measures, lots; those that have rows."""
    if "watch" not in body:
        return []
    watch, names = body["watch"], unit_names(body, lang)
    made = [f(watch, names, lang) for f in (_flags, _measures, _drawn)]
    return [grid for grid in made if grid.rows]


def notes(body: Body, lang: str) -> list[str]:
    """What a flag says and does not, and what the lots were drawn from."""
    watch = body.get("watch")
    if watch is None:
        return []
    said = [text("watch.intro", lang)]
    if not watch["flags"]:
        said.append(text("watch.no_flags", lang))
    if watch["drawn"]:
        said.append(text("watch.draw", lang, head=watch["drawn_from"]))
    return said


def _flags(watch: Watch, names: dict[str, str], lang: str) -> Grid:
    columns = columns_of(
        lang,
        ("town", "name"),
        ("sign", "text"),
        ("count", "text"),
        ("threshold", "text"),
        ("base", "text"),
        ("examples", "text"),
    )
    rows = tuple(Row(_flag(flag, names, lang)) for flag in watch["flags"])
    return Grid(text("table.flags", lang), columns, rows)


def _flag(flag: Flag, names: dict[str, str], lang: str) -> tuple[Value, ...]:
    parts = flag["ingredients"]
    base = text(f"watch.{flag['measure']}.base", lang)
    return (
        names.get(flag["unit"], flag["unit"]),
        text(f"watch.{flag['measure']}", lang),
        flag["value"],
        flag["threshold"],
        text("format.labelled", lang, label=base, value=parts["base"]),
        parts.get("items", ""),
    )


def _measures(watch: Watch, names: dict[str, str], lang: str) -> Grid:
    """A row per town, a column per sign: so many of so many; empty where there were none."""
    signs = [m.value for m in WatchMeasure]
    columns = (
        *columns_of(lang, ("town", "name")),
        *(Column(text(f"watch.{sign}", lang), "text") for sign in signs),
    )
    found = {(row["unit"], row["measure"]): row for row in watch["measures"]}
    towns = dict.fromkeys(row["unit"] for row in watch["measures"])
    rows = tuple(
        Row((names.get(town, town), *(_cell(found.get((town, sign))) for sign in signs)))
        for town in towns
    )
    return Grid(text("table.watch", lang), columns, rows)


def _cell(row: Watched | None) -> Value:
    return None if row is None else f"{row['count']}/{row['base']}"


def _drawn(watch: Watch, names: dict[str, str], lang: str) -> Grid:
    columns = columns_of(lang, ("town", "name"), ("lots", "count"), ("drawn_items", "text"))
    separator = text("format.list", lang)
    rows = tuple(
        Row((names.get(town, town), len(items), separator.join(items)))
        for town, items in watch["drawn"].items()
    )
    return Grid(text("table.drawn", lang), columns, rows)
