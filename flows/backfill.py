"""Backfill: years of history, county by county, several side by side; who fails stops nobody else.

One big task per county. A run that could not finish a county ends as Completed with the name
Degraded and names it; running again goes on there and changes nothing elsewhere.

    bihuan backfill --home PROVINCE --workers 4
"""

from datetime import date
from pathlib import Path
from typing import Any

from prefect.states import Completed, State

from flows import artifacts
from flows.artifacts import said
from flows.forms import LANG, BackfillForm
from flows.operating import answer, operated
from flows.side_by_side import planned, run
from rules.kinds import RECURRING
from schemas.settings import Settings, default_home
from tasks.backfilling import Asked

_SHOWN = ("published", "corrected", "drafts", "kept")
_ROW = ("due", *_SHOWN)


def backfill_all(
    form: BackfillForm, lang: str = LANG, with_prefect: bool = False
) -> dict[str, Any]:
    """Every county asked for: ok, how (how they were run), counties (see tasks.backfilling).

    Raises ConfigurationError for homes that are none and counties that are not among them.
    """
    settings = Settings.load(default_home())
    wanted = chosen(settings, form.counties)
    plan = planned(settings, form.workers, len(wanted))
    asked = Asked(
        tuple(form.kinds) or RECURRING,
        date.fromisoformat(form.since) if form.since else None,
        form.revise,
        form.dry_run,
        settings.now.isoformat() if settings.now else "",
    )
    found = run(plan, wanted, asked, lang, with_prefect=with_prefect)
    return {"ok": all(one["ok"] for one in found), "how": plan.how, "counties": found}


def chosen(settings: Settings, codes: list[str]) -> list[Path]:
    """The homes to work on: all of the setting, or those of the counties named by code or folder.

    Raises ConfigurationError, also where two homes are of one county: their work would be one.
    """
    from tasks.configuration import ConfigurationError
    from tasks.homes import code_of, homes

    of_code: dict[str, Path] = {}
    for home in homes(settings):
        code = code_of(home)
        if code in of_code:
            raise ConfigurationError(
                f"{of_code[code]} and {home} are both of county {code}: leave one of them out of"
                " `homes`"
            )
        of_code[code] = home
    by_name = of_code | {home.name: home for home in of_code.values()}
    if unknown := sorted(set(codes) - set(by_name)):
        raise ConfigurationError(
            f"{', '.join(unknown)} is none of these counties; there are: {', '.join(of_code)}"
        )
    return [by_name[code] for code in dict.fromkeys(codes)] or list(of_code.values())


EMPTY = BackfillForm()


@operated("backfill", BackfillForm, lambda form: "+".join(form["counties"]) or "all")
def backfill(form: BackfillForm = EMPTY) -> State[Any]:
    """回补：逐县补齐历史数据和各期通报。Years of history, county by county."""
    result = backfill_all(form, with_prefect=True)
    found = result["counties"]
    rows = [row(one) for one in found]
    artifacts.table("backfill", rows, said("backfilled.title"))
    off = [one for one in found if not one["ok"]]
    sums = {name: sum(one[name] for one in found) for name in _SHOWN}
    words = said("backfilled", n=len(found), off=len(off), **sums)
    answer("backfill", words, rows, _following(form, off))
    return Completed(name="Degraded" if off else None, message=words, data=result)


def row(one: dict[str, Any]) -> dict[str, Any]:
    """A county's line for people."""
    name = one["name"].get(LANG, "") or Path(one["home"]).name
    return {"county": name, **{k: one[k] for k in _ROW}, "problem": "; ".join(problems(one))}


def problems(one: dict[str, Any]) -> list[str]:
    """Why a county is not done: what stopped it, sources that did not answer, periods refused."""
    dead = [f"{d['source']}: {d['reason']}" for d in one["degraded"]]
    refused = [f"{r['edition']}: {r['reason']}" for r in one["refused"]]
    return [p for p in (one["problem"], *dead, *refused[:3]) if p]


def _following(form: BackfillForm, off: list[dict[str, Any]]) -> tuple[str, ...]:
    if form.dry_run:
        return (said("next.apply"),)
    return tuple(said("next.again", county=one["name"].get(LANG, one["home"])) for one in off)
