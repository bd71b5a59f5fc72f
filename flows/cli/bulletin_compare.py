"""`bihuan bulletin weekly --policy FILE --compare`: past weeks under another policy."""

from pathlib import Path
from typing import Any

import typer

from flows.cli.output import Output
from flows.cli.words import lang, say
from schemas.vocabulary import EditionKind


def required(policy: Path | None, compare: bool) -> None:
    """Both or neither: a bulletin is published under the county's own policy only."""
    if compare != (policy is not None):
        raise typer.BadParameter(say("compare.both"))


def compared(out: Output, policy: Path, weeks: int, week: str) -> None:
    """Count the last published weeks up to `week` ("": the last one) again, and show both."""
    from flows.bulletin import asked
    from flows.runtime import moment, opened
    from tasks.policy_replay import compare

    found = compare(opened(), policy, weeks, asked(EditionKind.WEEKLY, week, moment()))
    _show(out, found)
    out.answer(found)


def _show(out: Output, found: dict[str, Any]) -> None:
    other = found["policy"]["other"]
    out.line(say("compare.title", n=len(found["weeks"]), version=other["version"]), "bold")
    rows = [
        [r["week"], r["group"], r["name"][lang()], r["rank"], r["other_rank"], _steps(r),
         r["score"] or "/", r["other_score"] or "/"]
        for r in found["rows"]
    ]  # fmt: skip
    heads = ("week", "group", "town", "rank", "other_rank", "moves", "score", "other_score")
    out.table(say("compare.table"), [say(f"column.{h}") for h in heads], rows)
    _summarise(out, found["summary"])
    out.line(say("compare.can"))
    out.line(say("compare.cannot"))


def _steps(row: dict[str, Any]) -> str:
    if row["rank"] is None or row["other_rank"] is None:
        return ""
    steps = row["rank"] - row["other_rank"]
    return f"{steps:+d}" if steps else "0"


def _summarise(out: Output, summary: dict[str, Any]) -> None:
    out.line(say("compare.moved", moved=summary["moved"], n=summary["compared"]))
    if largest := summary["largest"]:
        words = {"week": largest["week"], "town": largest["name"][lang()]}
        ranks = {"old": largest["rank"], "new": largest["other_rank"]}
        out.line(say("compare.largest", **words, **ranks))
    if summary["rank_correlation"] is not None:
        out.line(say("compare.correlation", tau=summary["rank_correlation"]))
