"""How figures are made, in words: the policy of an edition, nothing added and nothing left out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from schemas.edition import Body, Edition
from schemas.site import Brief, Frame
from tasks.rendering import annexes, wording
from tasks.rendering.annexes import columns_of
from tasks.rendering.catalogue import known, name, text
from tasks.rendering.grid import Grid, Row
from tasks.rendering.ranking import indicators, scoring
from tasks.rendering.site.blocks import Block
from tasks.rendering.site.edition import method_path
from tasks.rendering.site.frame import blocks_page, edition_name, kind_name


def page(
    frame: Frame, path: str, made_under: Sequence[Brief], newest: Edition, others: Sequence[Brief],
    lang: str,
) -> bytes:  # fmt: skip
    """The page of one policy. `made_under`: its editions, oldest first; `newest`: the last of them.

    `others`: the last edition under every other policy.
    """
    body: Body = wording.scrubbed(newest)["body"]
    version = text("site.method.version", lang, version=body["policy"].get("version", ""))
    blocks = [
        _counting(body, lang),
        *(_scored(body, which, lang) for which in ("towns", "sectors")),
        _deductions(body, lang),
        _calendar(body, lang),
        _used(made_under, lang),
    ]
    blocks = [b for b in blocks if b.notes or b.grid]
    if others:
        blocks.append(_others(others, lang))
    kind = text("site.method.kind", lang, kind=kind_name(made_under[-1].kind, lang))
    lead = [version, kind, text("site.method.digest", lang, digest=made_under[-1].policy_hash)]
    return blocks_page(frame, path, lang, text("site.nav.method", lang), blocks, lead)


def _counting(body: Body, lang: str) -> Block:
    campaign: Any = body["campaign"]
    bulletin = _section(body, "bulletin")
    days = {k: wording.day(str(campaign[k]), lang) for k in ("start", "end")}
    notes = [text("site.method.campaign", lang, name=name(campaign["name"], lang), **days)]
    for key in ("cut_off_hours", "dispatch_hours"):
        if key in bulletin:
            notes.append(text(f"site.method.{key}", lang, n=bulletin[key]))
    shown = "shown" if scoring(body).get("show_ranks", True) else "hidden"
    notes += [*annexes.method_notes(body, lang), text(f"site.method.ranks.{shown}", lang)]
    notes += [text(f"note.{k}", lang) for k in ("splits", "five_elements", "slash", "balance")]
    return Block("counting", text("site.method.counting", lang), notes=tuple(notes))


def _section(body: Body, key: str) -> Mapping[str, Any]:
    found = body["policy"].get(key)
    return found if isinstance(found, dict) else {}


def _scored(body: Body, which: str, lang: str) -> Block:
    """Every indicator as a sentence, then all of them as the table."""
    found = indicators(body, which)
    whole = sum((Decimal(str(i["weight"])) for i in found), Decimal(0))
    grids = [
        g for g in annexes.method(body, lang) if g.title == text(f"table.indicators.{which}", lang)
    ]
    return Block(
        which,
        text(f"table.indicators.{which}", lang),
        grids[0] if grids else None,
        tuple(_sentence(i, whole, lang) for i in found),
        sortable=False,
    )


def _sentence(indicator: Mapping[str, Any], whole: Decimal, lang: str) -> str:
    floor, target = (Decimal(str(indicator[k])) for k in ("floor", "target"))
    better = "lower" if floor > target else "higher"
    return text(
        f"site.method.indicator.{better}",
        lang,
        rate=text(f"rate.{indicator['of']}", lang),
        formula=text(f"rate.{indicator['of']}.formula", lang),
        scope=text(f"scope.{indicator['scope']}", lang),
        weight=indicator["weight"],
        whole=f"{whole.normalize():f}",
        floor=indicator["floor"],
        target=indicator["target"],
    )


def _deductions(body: Body, lang: str) -> Block:
    notes = tuple(
        text(
            "site.method.deduction",
            lang,
            measure=text(f"measure.{d['of']}", lang),
            each=d["points_each"],
            cap=d["cap"],
        )
        for d in scoring(body).get("deductions", [])
    )
    return Block("deductions", text("table.deductions", lang), notes=notes)


def _calendar(body: Body, lang: str) -> Block:
    """Who owes which source what, and by when."""
    found = body["policy"].get("calendar")
    lines: Any = found if isinstance(found, list) else []
    columns = columns_of(lang, ("source", "name"), ("owed_by", "text"), ("due_hours", "count"))
    titles = {code: name(title, lang) for code, title in body["sources"].items()}
    rows = tuple(
        Row((titles.get(d["source"], d["source"]), _owing(d["units"], lang), d["due_hours"]))
        for d in lines
    )
    title = text("site.method.calendar", lang)
    grid = Grid(title, columns, rows) if rows else None
    notes = (text("site.method.calendar.note", lang),) if rows else ()
    return Block("calendar", title, grid, notes, sortable=False)


def _owing(units: str | list[str], lang: str) -> str:
    if isinstance(units, str):
        key = f"site.method.units.{units}"
        return text(key, lang) if known(key) else units
    return wording.joined(units, lang)


def _used(briefs: Sequence[Brief], lang: str) -> Block:
    """The editions that were made under this policy."""
    title = text("site.method.used", lang)
    names = [edition_name(b, lang) for b in briefs]
    columns = columns_of(lang, ("edition", "name"), ("published_on", "flag"))
    rows = tuple(Row((n, b.published_on)) for n, b in zip(names, briefs, strict=True))
    return Block(
        "used", title, Grid(title, columns, tuple(reversed(rows))),
        links={n: b.page for n, b in zip(names, briefs, strict=True)},
        keys={n: f"{b.last_day} {b.number:04d}" for n, b in zip(names, briefs, strict=True)},
    )  # fmt: skip


def _others(others: Sequence[Brief], lang: str) -> Block:
    """Other policies that editions were made under."""
    title = text("site.method.others", lang)
    columns = columns_of(
        lang, ("policy_version", "text"), ("policy_hash", "name"), ("last_used", "text")
    )
    rows = tuple(Row((b.policy_version, b.policy_hash, edition_name(b, lang))) for b in others)
    links = {b.policy_hash: method_path(b) for b in others}
    return Block("others", title, Grid(title, columns, rows), links=links, style="digests")
