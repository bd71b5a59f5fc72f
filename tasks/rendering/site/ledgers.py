"""Pages that tell one matter over all editions: listings, reporters, coverage, revisions, proof."""

from collections.abc import Callable, Sequence

from schemas.edition import Edition, ListedItem, Missing
from schemas.site import Brief, Frame, Standing
from tasks.rendering import annexes, wording
from tasks.rendering.annexes import columns_of
from tasks.rendering.catalogue import known, name, text
from tasks.rendering.grid import Column, Grid, Row, Value
from tasks.rendering.site import lines
from tasks.rendering.site.blocks import Block
from tasks.rendering.site.frame import blocks_page, class_name, edition_name

Page = Callable[[Frame, Sequence[Brief], Edition, str], bytes]


def _as_of(brief: Brief, lang: str) -> str:
    return text("site.as_of", lang, edition=edition_name(brief, lang))


def listed(frame: Frame, briefs: Sequence[Brief], newest: Edition, lang: str) -> bytes:
    """`briefs`: the leading kind's latest editions, oldest first; `newest`: the last of them."""
    body = wording.scrubbed(newest)["body"]
    matrix = annexes.matrix(body, lang)
    blocks = [
        Block(
            "matrix",
            matrix.title,
            matrix,
            (text("listed.unlisted", lang, n=body["unlisted_major"]),),
        ),
        _ledger(briefs, lang),
    ]
    return _page(frame, "listed", lang, blocks, [_as_of(briefs[-1], lang)])


def _ledger(briefs: Sequence[Brief], lang: str) -> Block:
    """Every number that an edition ever printed, as it was last printed."""
    seen: dict[str, tuple[ListedItem, Brief]] = {}
    for brief in briefs:
        for item in brief.listed:
            seen[item["number"]] = (item, brief)
    now = briefs[-1]
    units = {u.code: name(u.name, lang) for b in briefs for u in (*b.towns, *b.sectors)}
    rows = [
        _listed_row(item, said is now, said, units, lang)
        for item, said in sorted(seen.values(), key=lambda pair: _open_first(pair, now))
    ]
    columns = columns_of(
        lang, ("number", "name"), ("level", "flag"), ("standing", "text"), ("town", "text"),
        ("sector", "text"), ("unit_name", "text"), ("listed_on", "flag"), ("due_on", "flag"),
        ("state", "text"),
    )  # fmt: skip
    title = text("site.listed.ledger", lang)
    return Block(
        "ledger", title, Grid(title, columns, tuple(rows)), (text("site.listed.note", lang),),
        empty=text("listed.none", lang), style="wide",
    )  # fmt: skip


def _open_first(pair: tuple[ListedItem, Brief], now: Brief) -> tuple[bool, int, str]:
    item, said = pair
    rank = annexes.LEVELS.index(item["level"]) if item["level"] in annexes.LEVELS else -1
    return said is not now, -rank, item["number"]


def _listed_row(
    item: ListedItem, is_open: bool, said: Brief, units: dict[str, str], lang: str
) -> Row:
    standing = (
        text("site.listed.open", lang)
        if is_open
        else text("site.listed.until", lang, period=wording.period(said.period, lang))
    )
    clean = wording.scrubbed(dict(item))
    return Row(
        (
            clean["number"],
            _word("listing_level", clean["level"], lang),
            standing,
            units.get(clean["town"], clean["town"]),
            units.get(clean["sector"], clean["sector"]),
            clean["unit_name"],
            clean["listed_on"],
            clean["due_on"],
            _word("state", clean["state"], lang),
        )
    )


def _word(family: str, value: str, lang: str) -> str:
    key = f"{family}.{value}"
    return text(key, lang) if known(key) else value


def reporters(frame: Frame, briefs: Sequence[Brief], newest: Edition, lang: str) -> bytes:
    body = wording.scrubbed(newest)["body"]
    grids = (annexes.missing(body, lang), annexes.late(body, lang))
    now = [
        Block(key, g.title, g, empty=text(f"site.reporters.none.{key}", lang), sortable=False)
        for key, g in zip(("missing", "late"), grids, strict=True)
    ]
    blocks = [*now, _failures(briefs[-lines.RECENT :], lang), _timeliness(briefs, lang)]
    return _page(frame, "reporters", lang, blocks, [_as_of(briefs[-1], lang)])


def _failures(recent: Sequence[Brief], lang: str) -> Block:
    """Who was missing or late in the last editions: a row per reporting unit and source."""
    told: dict[tuple[str, str], dict[str, str]] = {}
    named: dict[tuple[str, str], Missing] = {}
    for brief in recent:
        for key, entries in (("missing", brief.missing), ("late", brief.late)):
            for entry in entries:
                who = entry["unit"], entry["source"]
                named[who] = entry
                told.setdefault(who, {})[brief.period] = text(f"site.reporters.{key}", lang)
    columns = (
        *columns_of(lang, ("reporter", "name"), ("source", "text"), ("failures", "count")),
        *(Column(wording.period(b.period, lang), "text") for b in recent),
    )
    rows = [
        Row(_failure(named[who], periods, recent, lang))
        for who, periods in sorted(told.items(), key=lambda p: (-len(p[1]), p[0]))
    ]
    title = text("site.reporters.history", lang, n=lines.RECENT)
    return Block(
        "history", title, Grid(title, columns, tuple(rows)),
        (text("site.reporters.note", lang),), style="wide",
        empty=text("site.reporters.none.history", lang),
    )  # fmt: skip


def _failure(
    entry: Missing, periods: dict[str, str], recent: Sequence[Brief], lang: str
) -> tuple[Value, ...]:
    clean = wording.scrubbed(dict(entry))
    return (
        name(clean["unit_name"], lang),
        name(clean["source_title"], lang),
        len(periods),
        *(periods.get(b.period) for b in recent),
    )


def _timeliness(briefs: Sequence[Brief], lang: str) -> Block:
    """Every town's submissions of the newest edition, and the rate of the last ones."""
    measures = ("submissions_owed", "submissions_in_time")
    return _rated("timeliness", briefs, briefs[-1].towns, "town", measures, lang)


def coverage(frame: Frame, briefs: Sequence[Brief], newest: Edition, lang: str) -> bytes:
    now, measures = briefs[-1], ("places_due", "places_checked")
    blocks = [
        _rated("coverage", briefs, now.towns, "town", measures, lang),
        _rated("coverage", briefs, now.sectors, "sector", measures, lang),
    ]
    lead = [_as_of(now, lang), text("note.coverage", lang)]
    return _page(frame, "coverage", lang, blocks, lead)


def _rated(
    rate: str,
    briefs: Sequence[Brief],
    units: Sequence[Standing],
    which: str,
    measures: tuple[str, str],
    lang: str,
) -> Block:
    """Whole, part, what is left and the rate of each unit; towns with their last editions."""
    columns = (
        *columns_of(lang, (which, "name")),
        *(Column(text(f"measure.{m}", lang), "count") for m in measures),
        *columns_of(lang, ("left", "count")),
        Column(text(f"rate.{rate}", lang), "percent"),
    )
    rows = tuple(_rated_row(u, rate, measures, lang) for u in units if measures[0] in u.counts)
    title = text(f"site.rated.{rate}.{which}", lang)
    towns = [(name(u.name, lang), u.code) for u in units] if which == "town" else []
    return Block(
        f"{rate}-{which}", title, Grid(title, columns, rows), style="wide",
        links={said: f"towns/{code}.html" for said, code in towns},
        sparks=lines.rate_sparks(briefs, towns, rate, lang) if towns else None,
    )  # fmt: skip


def _rated_row(unit: Standing, rate: str, measures: tuple[str, str], lang: str) -> Row:
    whole, part = (unit.counts[m] for m in measures)
    return Row((name(unit.name, lang), whole, part, whole - part, unit.rates.get(rate)))


def revisions(frame: Frame, briefs: Sequence[Brief], newest: Edition, lang: str) -> bytes:
    """`briefs`: every edition of every kind, in the order of publication."""
    revised = [b for b in reversed(briefs) if b.revision_class]
    known_paths = {b.path: b for b in briefs}
    columns = columns_of(
        lang, ("edition", "name"), ("class", "flag"), ("published_on", "flag"),
        ("corrects", "flag"), ("moved", "count"),
    )  # fmt: skip
    rows = tuple(_revision_row(b, lang) for b in revised)
    corrects = text("column.corrects", lang)
    title = text("site.nav.revisions", lang)
    block = Block(
        "revisions",
        title,
        Grid(title, columns, rows),
        empty=text("site.revisions.none", lang),
        links={edition_name(b, lang): f"{b.page}#revision" for b in revised},
        cell_links={
            (edition_name(b, lang), corrects): known_paths[old].page
            for b in revised
            if (old := f"{b.kind}/{b.period}/{b.previous}") in known_paths
        },
        keys={edition_name(b, lang): f"{b.last_day} {b.number:04d}" for b in revised},
        style="wide editions",
    )
    return _page(frame, "revisions", lang, [block], [text("site.revisions.lead", lang)])


def _revision_row(brief: Brief, lang: str) -> Row:
    old = text("bulletin.edition", lang, n=brief.previous)
    said = edition_name(brief, lang)
    return Row((said, class_name(brief, lang), brief.published_on, old, brief.moved))


def proof(frame: Frame, briefs: Sequence[Brief], newest: Edition, lang: str) -> bytes:
    """`briefs`: every edition, in the order of publication: their heads form one growing ledger."""
    last = briefs[-1]
    steps = tuple(text(f"site.proof.step.{n}", lang) for n in (1, 2, 3))
    columns = columns_of(
        lang, ("edition", "name"), ("published_on", "flag"), ("watermark", "count"),
        ("ledger_root", "digest"), ("ledger_head", "digest"), ("body_digest", "digest"),
        ("policy_hash", "digest"),
    )  # fmt: skip
    rows = tuple(
        Row((edition_name(b, lang), b.published_on, b.watermark, b.ledger_root, b.ledger_head,
             b.body_digest, b.policy_hash))
        for b in reversed(briefs)
    )  # fmt: skip
    title = text("site.proof.table", lang)
    head = text("site.proof.head", lang, edition=edition_name(last, lang), n=f"{last.watermark:,}")
    seal = text("site.proof.seal", lang, n=f"{last.watermark:,}")
    sealed = Block("seal", text("site.proof.sealed", lang), notes=(seal,), root=last.ledger_root)
    blocks = [
        *([sealed] if last.ledger_root else []),
        Block("head", text("site.proof.root", lang), notes=(head,), root=last.ledger_head),
        Block("check", text("site.proof.check", lang), notes=steps),
        Block(
            "editions", title, Grid(title, columns, rows), style="wide editions",
            links={edition_name(b, lang): f"{b.page}#files" for b in briefs},
            keys={edition_name(b, lang): f"{b.last_day} {b.number:04d}" for b in briefs},
        ),
    ]  # fmt: skip
    return _page(frame, "proof", lang, blocks, [])


def _page(frame: Frame, key: str, lang: str, blocks: Sequence[Block], lead: Sequence[str]) -> bytes:
    heading = text(f"site.nav.{key}", lang)
    return blocks_page(frame, f"{key}.html", lang, heading, blocks, lead)


def nothing(frame: Frame, key: str, lang: str) -> bytes:
    """A page of the navigation while there is no edition to tell of."""
    return _page(frame, key, lang, [], [text("site.nothing", lang)])
