"""`bihuan act`: one operator action on one hazard; a dry run unless --apply."""

import getpass
from functools import partial
from typing import Annotated, Any

import typer

from flows.cli.options import Debug, Direct, Home, Json, Now
from flows.cli.output import Output
from flows.cli.session import session
from flows.cli.words import lang, say


def _pairs(given: list[str]) -> dict[str, str]:
    """`field=value` options as a dict; an unknown field is a usage error."""
    from flows.forms import DATA_FIELDS

    data = {}
    for pair in given:
        name, found, value = pair.partition("=")
        if not found or name not in DATA_FIELDS:
            raise typer.BadParameter(say("act.bad_set", pair=pair, names=", ".join(DATA_FIELDS)))
        data[name] = value
    return data


def act(
    hazard: Annotated[str, typer.Argument(help=say("act.hazard"))],
    event: Annotated[str, typer.Argument(help=say("act.event"))],
    given: Annotated[list[str] | None, typer.Option("--set", "--data", help=say("act.set"))] = None,
    actor: Annotated[str, typer.Option("--actor", help=say("act.actor"))] = "",
    code: Annotated[str, typer.Option("--code", help=say("act.code"))] = "",
    apply: Annotated[bool, typer.Option("--apply", help=say("act.apply"))] = False,
    home: Home = None,
    now: Now = None,
    direct: Direct = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    with session(home, json, debug, now=now, direct=direct) as s:
        from flows.act import act_on
        from flows.forms import ActForm
        from flows.runtime import moment

        who, data = actor or getpass.getuser(), _pairs(given or [])
        form = _form(
            ActForm, hazard=hazard, event=event, actor=who, dry_run=not apply, code=code, **data
        )
        plain = partial(act_on, hazard, event, data, who, dry_run=not apply, code=code)
        result = s.run("act", form, lambda: plain(now=moment()))
        show(s.out, result)
        s.out.answer(result)
        if result["outcome"] != "applied":
            raise typer.Exit(1)


def _form(model: Any, **values: Any) -> Any:
    from pydantic import ValidationError

    try:
        return model(**values)
    except ValidationError as error:
        faults = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
        raise typer.BadParameter(faults) from None


def show(out: Output, result: dict[str, Any]) -> None:
    """What happened, or would; what is missing; why not."""
    from tasks.rendering.catalogue import text

    outcome = text(f"outcome.{result['outcome']}", lang())
    key = "act.would" if result["dry_run"] else "act.did"
    out.line(say(key, hazard=result["hazard"], outcome=outcome), "bold")
    before, after = _state(result["state_before"]), _state(result["state_after"])
    out.line(say("act.state", before=before, after=after))
    if result["outcome"] != "applied":
        out.line(say("act.reason", reason=show_missing(result)))


def show_missing(result: dict[str, Any]) -> str:
    """Why something is refused, in words: what is missing by name, or the guard's reason."""
    if result.get("problem"):
        return str(result["problem"].said(lang()))
    if result["missing"]:
        return say("act.missing", needs=", ".join(_need(n) for n in result["missing"]))
    return _reason(result["reason"]) if result["reason"] else ""


def _need(name: str) -> str:
    from tasks.rendering.catalogue import known, text

    return text(f"need.{name}", lang()) if known(f"need.{name}") else name


def _reason(code: str) -> str:
    from tasks.rendering.catalogue import known, text

    return text(f"reason.{code}", lang()) if known(f"reason.{code}") else code


def _state(name: str) -> str:
    from tasks.rendering.catalogue import text

    return text(f"state.{name}", lang())
