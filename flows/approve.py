"""Approve: a person's word on what waits: draft, listing, extension, objection, proposal.

What waits is in the county's store, not in a run: it may take days, and any later run finds it. An
empty form shows the list. Whoever decides proves it by the code of their device.

    bihuan pending
    bihuan approve weekly/2025-W10 --person 主任李虚构 --code 123456 --apply
"""

from typing import Any

from flows import artifacts
from flows.artifacts import said
from flows.editions import plain_all, show
from flows.forms import LANG, ApproveForm
from flows.operating import answer, operated
from flows.runtime import moment, opened, step
from tasks.rendering.catalogue import known, text

COLUMNS = ("what", "by", "since", "until")


def waiting_now(now: int, lang: str = LANG) -> list[dict[str, Any]]:
    """Everything that waits, as rows of `tasks.pending.plain`."""
    from tasks.pending import pending, plain

    county = opened()
    return [plain(county, one, now, lang) for one in pending(county, now)]


def decide_on(form: ApproveForm, now: int) -> dict[str, Any]:
    """The decision as plain data: asked, name, approve, ok, reason, missing, number, edition."""
    from tasks.deciding import Word, decide, plain
    from tasks.store.documents import adopt

    county = opened()
    if not form.dry_run:
        adopt(county, now)
    word = Word(
        name=form.name,
        approve=form.decision == "approve",
        person=form.person,
        code=form.code,
        reason=form.reason,
        actor=form.actor,
        due_on=form.due_on,
    )
    done = decide(county, word, now, dry_run=form.dry_run)
    edition = plain_all(county, [done.edition])[0] if done.edition else None
    return plain(done) | {"edition": edition}


def listed_now(now: int) -> list[dict[str, Any]]:
    """The list as an artifact of this run and as the operators' page; its rows."""
    from tasks.pending import write

    rows = waiting_now(now)
    shown = [{n: row[n] for n in COLUMNS} | {"key": row["name"]} for row in rows]
    artifacts.table("pending", shown, said("pending", n=len(rows)))
    write(opened(), now, LANG)
    return rows


# A code is good once: a step that used it must not be tried again by itself.
deciding = step("decide", task_run_name="decide")(decide_on)


EMPTY = ApproveForm()


@operated("approve", ApproveForm, lambda form: form.get("name", ""))
def approve(form: ApproveForm = EMPTY) -> dict[str, Any]:
    """审批：签发、挂牌、延期、异议等待办事项。A person's word on what waits; empty: the list."""
    now = moment()
    if not form.name:
        return {"pending": listed_now(now)}
    result: dict[str, Any] = deciding(form, now)
    if result["edition"]:
        show(result["edition"])
    answer("approve", in_words(result, form.dry_run), following=_following(result, form.dry_run))
    return result | {"pending": listed_now(now)}


def in_words(result: dict[str, Any], dry_run: bool) -> str:
    """What was decided, or would be, or why not."""
    asked = said(f"asked.{result['asked']}")
    if not result["ok"]:
        lacks = [artifacts.word("need", name) for name in result["missing"]]
        why = ", ".join(lacks) or _reason(result["reason"])
        return said("decided.no", asked=asked, name=result["name"], why=why)
    outcome = "would" if dry_run else "done"
    decision = text(f"decision.{'approve' if result['approve'] else 'refuse'}", LANG)
    return said(f"decided.{outcome}", asked=asked, name=result["name"], decision=decision)


def _reason(code: str) -> str:
    return text(f"reason.{code}", LANG) if known(f"reason.{code}") else code


def _following(result: dict[str, Any], dry_run: bool) -> tuple[str, ...]:
    if dry_run and result["ok"]:
        return (said("next.apply"),)
    edition = result["edition"]
    if edition:
        return tuple(said("next.read", file=f["path"]) for f in edition["files"][:1])
    return (said("next.listing", number=result["number"]),) if result["number"] else ()
