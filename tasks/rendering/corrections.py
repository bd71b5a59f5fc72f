"""Why this edition differs from the one before, as tables: what caused it, and whom it moved.

A correction names every unit whose rank or score moved, old → new, with the figures of its own that
changed; a unit none of whose figures changed was moved by the others, and the table says so.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.edition import SCOPES, Edition
from tasks.rendering import heading, wording
from tasks.rendering.annexes import columns_of, in_language, source_names, unit_names
from tasks.rendering.catalogue import known, name, text
from tasks.rendering.grid import Grid, Kind, Row
from tasks.rendering.ranking import shows_ranks

# What a reason of a revision may carry → the column that shows it, in this order.
_COLUMNS: dict[str, tuple[str, Kind]] = {
    "objection": ("objection", "text"),
    "cell": ("cell", "text"),
    "unit": ("reporter", "text"),
    "source": ("source", "text"),
    "period": ("period", "text"),
    "due_at": ("due_at", "text"),
    "received_at": ("received_at", "text"),
    "rows_taken": ("rows", "text"),
    "delivery": ("delivery", "digest"),
    "policy_old": ("policy_old", "digest"),
    "policy_new": ("policy_new", "digest"),
    "reason": ("reason", "text"),
}


def lead(edition: Edition, lang: str) -> str:
    """Which edition is corrected, and the class of the correction."""
    revision = edition["revision"]
    code = revision["revision_class"]
    said = text(f"revision_class.{code}", lang)
    values = {"previous": revision["previous"], "class": said, "code": code}
    return text("revision.lead", lang, **values)


def reasons(edition: Edition, lang: str) -> Grid:
    """What caused a revision: the columns that any of its reasons fills."""
    revision = edition["revision"]
    used = [k for k in _COLUMNS if any(in_language(r, k, lang) for r in revision["reasons"])]
    columns = columns_of(lang, *_with_header([_COLUMNS[k] for k in used]))
    body = edition["body"]
    names = {**source_names(body, lang), **unit_names(body, lang)}
    names["total"] = heading.county(body, lang)
    rows = (Row(tuple(_reason(r, k, names, lang) for k in used)) for r in revision["reasons"])
    key = f"table.reasons.{revision['revision_class']}"
    return Grid(text(key if known(key) else "table.reasons", lang), columns, tuple(rows))


def _with_header(columns: list[tuple[str, Kind]]) -> list[tuple[str, Kind]]:
    """The first column names its row, unless it is a digest."""
    return [(k, "name" if i == 0 and v == "text" else v) for i, (k, v) in enumerate(columns)]


def _reason(reason: dict[str, str], key: str, names: dict[str, str], lang: str) -> str:
    value = in_language(reason, key, lang)
    if key in ("due_at", "received_at"):
        return wording.moment(value, lang)
    if key in ("unit", "source"):
        return in_language(reason, f"{key}_name", lang) or names.get(value, value)
    if key == "cell":
        return _cell(value, names, lang)
    return wording.period(value, lang) if key == "period" else value


def _cell(cell: str, names: dict[str, str], lang: str) -> str:
    """ "towns.CODE.period.all.found" in words; a cell that is not so built as it is."""
    if cell.count(".") < 3:
        return cell
    unit, scope, split, measure = cell.rsplit(".", 3)
    figure = next((f"{k}.{measure}" for k in ("measure", "rate") if known(f"{k}.{measure}")), "")
    keys = (f"scope.{scope}", *([] if split == "all" else [f"split.{split}"]), figure)
    if not all(map(known, keys)):
        return cell
    code = unit.rpartition(".")[2]
    values = {"label": names.get(code, code), "value": wording.label(keys, lang)}
    return text("format.labelled", lang, **values)


_STANDING: tuple[tuple[str, Kind], ...] = (
    ("old_rank", "rank"),
    ("new_rank", "rank"),
    ("old_score", "score"),
    ("new_score", "score"),
)


def moves(edition: Edition, lang: str) -> Grid:
    """Each unit whose rank or score moved: old → new, and which of its figures changed."""
    shown = _STANDING if shows_ranks(edition["body"]) else _STANDING[2:]
    columns = columns_of(lang, ("unit", "name"), *shown, ("changed", "text"))
    rows = tuple(_move(m, shown, lang) for m in edition["revision"]["moves"])
    return Grid(text("table.moves", lang), columns, rows)


def _move(move: Mapping[str, Any], shown: tuple[tuple[str, Kind], ...], lang: str) -> Row:
    standing = (move[key] for key, _ in shown)
    return Row((name(move["name"], lang), *standing, changes(move["changed"], lang)))


def changes(changed: Mapping[str, list[str]], lang: str) -> str:
    """Changed figures, span by span; both splits together, `edition.json` has them apart."""
    whole = {key: pair for key, pair in changed.items() if _is_whole(key)} or changed
    if not whole:
        return text("revision.others", lang)
    spans: dict[str, list[str]] = {}
    for key, (old, new) in whole.items():
        spans.setdefault(_span(key), []).append(_change(key, old, new, lang))
    told: dict[tuple[str, ...], list[str]] = {}  # spans in which the same changed are told once
    for span in sorted(spans, key=_order):
        told.setdefault(tuple(spans[span]), []).append(span)
    clauses = (_clause(where, said, lang) for said, where in told.items())
    return wording.joined(clauses, lang, "format.clauses")


def _order(span: str) -> int:
    """The period itself, what it adds to, and last what is of no span."""
    return SCOPES.index(span) if span in SCOPES else len(SCOPES)


def _is_whole(key: str) -> bool:
    parts = key.split(".")
    return len(parts) < 3 or parts[1] == "all"


def _span(key: str) -> str:
    """The span a figure is of; a deduction is of none."""
    return key.split(".")[0] if "." in key else ""


def _clause(spans: Iterable[str], said: Iterable[str], lang: str) -> str:
    listed = wording.joined(said, lang)
    label = wording.joined((text(f"scope.{span}", lang) for span in spans if span), lang)
    return text("format.labelled", lang, label=label, value=listed) if label else listed


def _change(key: str, old: str, new: str, lang: str) -> str:
    nothing = text("bulletin.empty_cell", lang)
    label = figure_name(key, lang)
    return text("revision.change", lang, label=label, old=old or nothing, new=new or nothing)


def figure_name(key: str, lang: str) -> str:
    """A changed figure in words, without its span.

    "scope.split.measure" is a count, "scope.rate" points of an indicator, "measure" a deduction.
    """
    *cut, last = key.split(".")
    if len(cut) == 1:
        return text("revision.points", lang, label=text(f"rate.{last}", lang))
    if not cut:
        return text("revision.deduction", lang, label=text(f"measure.{last}", lang))
    split = () if cut[1] == "all" else (f"split.{cut[1]}",)
    return wording.label((*split, f"measure.{last}"), lang)
