"""List, delist, extend: the forms of listed supervision 挂牌督办 and of a later date.

What is proposed or asked for here waits for another person (`flows.approve`): the run ends as
Waiting. A dry run by default says what the guards would answer.

    bihuan listing propose …     bihuan listing step …     bihuan act … extension_asked
"""

from dataclasses import asdict
from typing import Any

from prefect.states import State

from flows import artifacts
from flows.artifacts import said
from flows.forms import DelistForm, ExtendForm, ListForm
from flows.operating import answer, operated, waiting
from flows.runtime import moment, opened, step


def propose_listing(form: ListForm, now: int) -> dict[str, Any]:
    """listing: the id of what is proposed, or would be. Raises CannotPropose."""
    from tasks.listing_file import propose
    from tasks.listing_values import level_named

    level = level_named(form.level)
    made = propose(
        opened(), form.hazards, level, reason=form.reason, actor=form.actor, now=now,
        dry_run=form.dry_run,
    )  # fmt: skip
    return {"listing": made, "dry_run": form.dry_run}


def step_listing(form: DelistForm, now: int) -> dict[str, Any]:
    """One step towards the end of a listing, as `tasks.listing_steps.ListingReport`."""
    from tasks.listing_steps import advance
    from tasks.listing_values import said_of, step_named

    county = opened()
    names = ("organisation", "person", "evidence", "level", "reason", "second_person")
    given = {n: v for n in names if (v := getattr(form, n))}
    done = advance(
        county, form.listing, step_named(form.step), said_of(county, given, now),
        actor=form.actor, now=now, code=form.code, dry_run=form.dry_run,
    )  # fmt: skip
    return asdict(done)


def ask_extension(form: ExtendForm, now: int) -> dict[str, Any]:
    """ok, reason, missing, name: an extension of a hazard or of a listing is asked for."""
    from schemas.vocabulary import FactKind, ListingStep
    from tasks.acting import act
    from tasks.listing_steps import advance
    from tasks.listing_values import said_of
    from tasks.store import listings
    from tasks.store.engine import reading

    county = opened()
    with reading(county.engine) as connection:
        is_listing = listings.one(connection, county.code, form.name) is not None
    said_by = {"reason": form.reason, "interim_control": form.interim_control}
    about: dict[str, Any] = {"actor": form.actor, "now": now, "dry_run": form.dry_run}
    if is_listing:
        told = said_of(county, said_by | {"due_at": form.due_on.isoformat()}, now)
        done: Any = advance(county, form.name, ListingStep.EXTENSION_ASKED, told, **about)
    else:
        data = said_by | {"due_date": form.due_on.isoformat()}
        event = FactKind.EXTENSION_ASKED.value
        done = act(county, form.name, event, data, about.pop("now"), **about)
    return {"name": form.name, "ok": done.ok, "reason": done.reason, "missing": done.missing}


proposing = step("propose listing")(propose_listing)
stepping = step("step listing")(step_listing)
asking = step("ask for an extension")(ask_extension)


@operated("list", ListForm, lambda form: form["level"])
def list_hazards(form: ListForm) -> State[Any] | dict[str, Any]:
    """挂牌督办：把一家单位的重大隐患提请挂牌，待负责人批准。Propose hazards for listing."""
    result: dict[str, Any] = proposing(form, moment())
    items = [{"hazard": hazard} for hazard in form.hazards]
    words = said("proposed.would" if form.dry_run else "proposed.done", listing=result["listing"])
    return _ended(result, words, items, form.dry_run, result["listing"])


@operated("delist", DelistForm, lambda form: form["listing"])
def delist(form: DelistForm) -> State[Any] | dict[str, Any]:
    """摘牌：申请验收、验收意见、摘牌、办结。From the application to the end of a listing."""
    result: dict[str, Any] = stepping(form, moment())
    named = {"listing": result["number"] or result["listing"]}
    words = _judged(result, artifacts.word("listing_step", result["step"]), form.dry_run, **named)
    items = [{"hazard": hazard} for hazard in result["hazards"]]
    answer("delist", words, items, _next(form.dry_run and result["ok"], ""))
    return result


@operated("extend", ExtendForm, lambda form: form["name"])
def extend(form: ExtendForm) -> State[Any] | dict[str, Any]:
    """申请延期：隐患整改或挂牌督办的期限，待他人批准。Ask for a later date."""
    result: dict[str, Any] = asking(form, moment())
    asked = artifacts.word("fact_kind", "extension_asked")
    words = _judged(result, asked, form.dry_run, listing=form.name)
    items = [{"hazard": form.name, "due_date": form.due_on.isoformat()}]
    if not result["ok"]:
        answer("extend", words, items)
        return result
    return _ended(result, words, items, form.dry_run, form.name)


def _ended(
    result: dict[str, Any], words: str, items: list[dict[str, Any]], dry_run: bool, name: str
) -> State[Any] | dict[str, Any]:
    """A dry run is over; what was asked for waits under `name`."""
    answer("listing", words, items, _next(dry_run, name))
    return result if dry_run else waiting(result, words)


def _next(dry_run: bool, name: str) -> tuple[str, ...]:
    if dry_run:
        return (said("next.apply"),)
    return (said("next.approve", name=name),) if name else ()


def _judged(result: dict[str, Any], step_name: str, dry_run: bool, listing: str) -> str:
    """What happened to a listing or a hazard, or would, or why not."""
    if not result["ok"]:
        lacks = ", ".join(artifacts.word("need", name) for name in result["missing"])
        why = lacks or artifacts.word("reason", result["reason"])
        return said("step.no", step=step_name, name=listing, why=why)
    return said("step.would" if dry_run else "step.done", step=step_name, name=listing)
