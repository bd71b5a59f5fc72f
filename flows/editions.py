"""An edition as flows hand it on: plain data for `--json`, and a page for the run.

Stable keys: kind, period, edition, watermark, policy_hash, root, files, gate; also is_new,
revision, state (published, draft, refused), decision (of a refused draft: at, by, reason), totals
and ranking. The edition itself stays in its files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import artifacts
from flows.artifacts import facts, inline, key

if TYPE_CHECKING:
    from schemas.edition import Edition
    from tasks.county import County
    from tasks.publication.releasing import EditionReport

KEYS = ("kind", "period", "edition", "watermark", "policy_hash", "root", "files", "gate")
_MORE = ("is_new", "revision", "state", "decision")
_LINKED = ("html", "docx", "pdf", "xlsx")
_CHART = "chart.zh.svg"


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


def show(result: dict[str, Any]) -> None:
    """The ranking, the chart and the files of an edition in the run; a dry run has no files."""
    name = key("bulletin", result["kind"], result["period"])
    said = f"{result['kind']} {result['period']}, edition {result['edition']}"
    rows = [{**row, "name": row["name"]["zh"]} for row in result["ranking"]]
    artifacts.table(key(name, "ranking"), rows, said)
    files = {Path(f["path"]).name: Path(f["path"]) for f in result["files"]}
    for ending in _LINKED:
        path = files.get(f"bulletin.zh.{ending}")
        if path:
            artifacts.link(key(name, ending), path, said)
    chart = files.get(_CHART)
    if chart:
        artifacts.image(key(name, "chart"), chart.read_bytes(), said)


def page_of(result: dict[str, Any]) -> str:
    """The edition in Markdown: what it is, the ranking, where its files lie."""
    head = {k: result[k] for k in KEYS[:6]}
    gate = "ok" if result["gate"]["ok"] else "; ".join(result["gate"]["refusals"])
    files = "\n".join(f"- {inline(f['path'])}" for f in result["files"])
    told = {**head, "gate": gate, "state": result["state"], **(result["decision"] or {})}
    return "\n\n".join([facts(told), _ranked(result["ranking"]), files])


def _ranked(rows: list[dict[str, Any]]) -> str:
    cells = [(r["group"], r["rank"] or "-", r["name"]["zh"], r["score"] or "/") for r in rows]
    lines = ["| " + " | ".join(map(inline, row)) + " |" for row in cells]
    return "\n".join(["| 组 | 名次 | 镇街 | 得分 |", "|---|---|---|---|", *lines])
