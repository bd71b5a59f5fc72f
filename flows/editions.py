"""An edition as flows hand it on: plain data for `--json`, and a page for the run.

Stable keys: kind, period, edition, watermark, policy_hash, root, files, gate; also is_new,
revision, state (published, draft), totals and ranking. The edition itself stays in its files.
"""

from typing import TYPE_CHECKING, Any

from flows.artifacts import facts, inline

if TYPE_CHECKING:
    from schemas.edition import Edition
    from tasks.publishing import EditionReport

KEYS = ("kind", "period", "edition", "watermark", "policy_hash", "root", "files", "gate")
_MORE = ("is_new", "revision", "state")


def plain(report: "EditionReport") -> dict[str, Any]:
    """A report without the whole edition: what a person or a script asks for."""
    named = {key: getattr(report, key) for key in (*KEYS, *_MORE)}
    return {**named, "totals": totals(report.edition_doc), "ranking": ranking(report.edition_doc)}


def totals(edition: "Edition") -> dict[str, int]:
    """The whole county's counts of the period itself."""
    return dict(edition["body"]["total"]["counts"]["period"]["all"])


def ranking(edition: "Edition") -> list[dict[str, Any]]:
    """Towns as the page ranks them: group, rank, last rank, score."""
    keys = ("code", "name", "group", "rank", "last_rank", "score")
    rows: list[dict[str, Any]] = [
        {key: value for key, value in town.items() if key in keys}
        for town in edition["body"]["towns"]
    ]
    return sorted(rows, key=lambda r: (r["group"], r["rank"] or 10**6, r["code"]))


def page_of(result: dict[str, Any]) -> str:
    """The edition in Markdown: what it is, the ranking, where its files lie."""
    head = {key: result[key] for key in KEYS[:6]}
    gate = "ok" if result["gate"]["ok"] else "; ".join(result["gate"]["refusals"])
    files = "\n".join(f"- {inline(f['path'])}" for f in result["files"])
    return "\n\n".join([facts({**head, "gate": gate}), _ranked(result["ranking"]), files])


def _ranked(rows: list[dict[str, Any]]) -> str:
    cells = [(r["group"], r["rank"] or "-", r["name"]["zh"], r["score"] or "/") for r in rows]
    lines = ["| " + " | ".join(map(inline, row)) + " |" for row in cells]
    return "\n".join(["| 组 | 名次 | 镇街 | 得分 |", "|---|---|---|---|", *lines])
