"""Bulletin: one edition of one period: count, score, gate, publish; a dry run writes nothing.

The first edition of a period is what was received by its cut-off, however late the run. A period
whose figures did not change keeps its edition. Where policy wants a signature, a draft waits.
The gate's refusal fails the run and names the cell.

    bihuan bulletin weekly --week 2025-W10
"""

from typing import TYPE_CHECKING, Any

from prefect.states import State

from flows import artifacts
from flows.artifacts import said
from flows.editions import called, page_of, plain_all, show
from flows.forms import BulletinForm
from flows.operating import answer, operated, waiting
from flows.runtime import moment, opened, step
from schemas.vocabulary import EditionKind

if TYPE_CHECKING:
    from schemas.period import Period


def publish_period(
    kind: EditionKind, code: str, now: int, *, dry_run: bool = False, revise: bool = False
) -> dict[str, Any]:
    """One edition as plain data (see flows.editions). `code` "": the last one past its cut-off.

    `revise` counts a published period again. Raises PublishRefused, ValueError (a wrong code).
    """
    from tasks.publishing import publish
    from tasks.store.documents import adopt

    county = opened()
    if not dry_run:  # what it is made by must be in the ledger, to be made again from there
        adopt(county, now)
    period = asked(kind, code, now)
    [made] = plain_all(county, [publish(county, period, now, revise=revise, dry_run=dry_run)])
    return made


def asked(kind: EditionKind, code: str, now: int) -> "Period":
    """The period that a code names, or the last one past its cut-off."""
    from rules.kinds import period_of

    return period_of(kind, code, opened().zone) if code else last_period(kind, now)


def last_period(kind: EditionKind, now: int) -> "Period":
    """The last period of a kind whose cut-off has passed at `now`.

    A campaign speaks of all that lies before the end of the last such week. ValueError for a span.
    """
    from datetime import timedelta

    from rules.kinds import SPAN_MARK, containing, period_of
    from rules.periods import cut_off, week_of

    county = opened()
    if kind is EditionKind.CAMPAIGN:
        campaign, week = county.policy.campaign, last_period(EditionKind.WEEKLY, now)
        until = min(campaign.end, week.last_day)
        return period_of(kind, f"{campaign.start}{SPAN_MARK}{until}", county.zone)
    period = containing(kind, week_of(now, county.zone).first_day, county.zone)
    while cut_off(period, county.policy, county.days) > now:
        period = containing(kind, period.first_day - timedelta(days=1), county.zone)
    return period


publishing = step("publish edition", task_run_name="publish {kind} {code}")(publish_period)


EMPTY = BulletinForm()


def _described(form: dict[str, Any]) -> str:
    return f"{form['kind']}-{form['period']}".strip("-")


@operated("bulletin", BulletinForm, _described)
def bulletin(form: BulletinForm = EMPTY) -> State[Any] | dict[str, Any]:
    """各类通报：统计、评分、校核、出刊。Count, score, check and publish one period."""
    now = moment()
    code = asked(form.kind, form.period, now).code
    result: dict[str, Any] = publishing(
        form.kind, code, now, dry_run=form.dry_run, revise=form.revise
    )
    artifacts.page(artifacts.key("bulletin", form.kind, code), page_of(result))
    show(result)
    words = f"{called(result)}：{said(f'state.{_state(result)}')}"
    answer("bulletin", words, following=_following(result))
    return waiting(result, words) if _state(result) == "draft" else result


def _state(result: dict[str, Any]) -> str:
    return str(result["state"]) if result["files"] else "dry"


def _following(result: dict[str, Any]) -> tuple[str, ...]:
    state = _state(result)
    if state == "draft":
        return (said("next.approve", name=f"{result['kind']}/{result['period']}"),)
    if state == "dry":
        return (said("next.apply"),)
    return tuple(said("next.read", file=f["path"]) for f in result["files"][:1])
