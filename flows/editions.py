"""An edition as flows hand it on: plain data for `--json`, and a page for the run.

Stable keys: kind, period, edition, watermark, policy_hash, root, files, gate; also is_new,
revision, state (published, draft, refused), decision (of a refused draft: at, by, reason), totals
and ranking. The edition itself stays in its files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import artifacts
from flows.artifacts import facts, inline, key, said
from flows.forms import LANG
from tasks.rendering import wording
from tasks.rendering.catalogue import text

if TYPE_CHECKING:
    from schemas.edition import Edition
    from tasks.county import County
    from tasks.publication.releasing import EditionReport

KEYS = ("kind", "period", "edition", "watermark", "policy_hash", "root", "files", "gate")
_MORE = ("is_new", "revision", "state", "decision")
_LINKED = ("html", "docx", "pdf", "xlsx")


def plain(report: "EditionReport") -> dict[str, Any]:
    """A report without the whole edition: what a person or a script asks for."""
    named = {k: getattr(report, k) for k in (*KEYS, *_MORE)}
    return {**named, "totals": totals(report.edition_doc), "ranking": ranking(report.edition_doc)}


def plain_all(county: "County", reports: "Sequence[EditionReport]") -> list[dict[str, Any]]:
    """Reports as plain data; the sites follow where they do not show one of the editions."""
    out = [report for report in reports if report.state == "published" and report.files]
    if out:
        from tasks.site import build_all, shows

        if any(report.is_new or not shows(county, report.edition_doc) for report in out):
            build_all(county)
    return [plain(report) for report in reports]


def totals(edition: "Edition") -> dict[str, int]:
    """The whole county's counts of the period itself."""
    return dict(edition["body"]["total"]["counts"]["period"]["all"])


def ranking(edition: "Edition") -> list[dict[str, Any]]:
    """Towns as the page ranks them: group, rank, last rank, score."""
    keys = ("code", "name", "group", "rank", "last_rank", "score")
    rows: list[dict[str, Any]] = [
        {k: value for k, value in town.items() if k in keys} for town in edition["body"]["towns"]
    ]
    return sorted(rows, key=lambda r: (r["group"], r["rank"] or 10**6, r["code"]))


def called(result: dict[str, Any]) -> str:
    """周通报 2025年第10周 第1版"""
    kind = text(f"edition_kind.{result['kind']}", LANG)
    issue = text("bulletin.edition", LANG, n=result["edition"])
    return f"{kind} {wording.period(result['period'], LANG)} {issue}"


def show(result: dict[str, Any]) -> None:
    """The ranking, the chart and the files of an edition in the run; a dry run has no files."""
    name = key("bulletin", result["kind"], result["period"])
    which = called(result)
    rows = [_row(town) for town in result["ranking"]]
    artifacts.table(key(name, "ranking"), rows, said("ranking", edition=which))
    files = {Path(f["path"]).name: Path(f["path"]) for f in result["files"]}
    for ending in _LINKED:
        path = files.get(f"bulletin.{LANG}.{ending}")
        if path:
            shown = said("file", edition=which, type=ending.upper())
            artifacts.link(key(name, ending), path, shown)
    chart = files.get(f"chart.{LANG}.svg")
    if chart:
        artifacts.image(key(name, "chart"), chart.read_bytes(), said("chart", edition=which))


def page_of(result: dict[str, Any]) -> str:
    """The edition in Markdown: what it is, the ranking, where its files lie."""
    files = "\n".join(f"- {inline(f['path'])}" for f in result["files"])
    parts = [f"## {inline(called(result))}", facts(_head(result)), _ranked(result["ranking"])]
    return "\n\n".join([*parts, f"### {said('files')}\n\n{files}"] if files else parts)


def _head(result: dict[str, Any]) -> dict[str, object]:
    """What an edition is, value by value, in words."""
    gate = said("gate.ok") if result["gate"]["ok"] else "; ".join(result["gate"]["refusals"])
    state = result["state"] if result["files"] else "dry"
    head = {
        "kind": artifacts.word("edition_kind", result["kind"]),
        "period": wording.period(result["period"], LANG),
        "edition": result["edition"],
        "state": said(f"state.{state}"),
        "gate": gate,
    }
    if result["revision"]:
        why = text(f"revision_class.{result['revision']['revision_class']}", LANG)
        moved = len(result["revision"]["moves"])
        head["revision"] = said("revision.moved", why=why, n=moved)
    head |= result["decision"] or {}
    return head | {name: result[name] for name in ("watermark", "policy_hash", "root")}


def _row(town: dict[str, Any]) -> dict[str, Any]:
    """A town of the ranking as a person reads it; the code is in the edition."""
    return {
        "group": wording.group(town["group"], LANG),
        "rank": town["rank"] or "-",
        "name": town["name"][LANG],
        "score": town["score"] or "/",
        "last_rank": town["last_rank"] or "-",
    }


def _ranked(towns: list[dict[str, Any]]) -> str:
    rows = [_row(town) for town in towns]
    names = list(rows[0]) if rows else []
    heads = [" | ".join(said(name) for name in names), "|".join("---" for _ in names)]
    lines = [" | ".join(inline(value) for value in row.values()) for row in rows]
    return "\n".join(f"| {line} |" for line in (*heads, *lines)) if rows else ""
