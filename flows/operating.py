"""How a flow meets an operator: a form, an answer, a refusal in words.

Promise: a run that was started with a wrong form, or that our rules refuse, fails with one sentence
in the language of the forms and a page that says what to do; an exception keeps its type for
commands. A run that waits for a person ends as Completed with the name Waiting.

    @operated("late", LateForm, described)
    def late(form: LateForm) -> dict[str, Any]: …
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from prefect import Flow, flow
from prefect.states import Completed, Failed, State
from pydantic import ValidationError

from flows import artifacts
from flows.artifacts import inline, key, said
from flows.forms import LANG, Form
from flows.naming import Describe, run_name
from tasks.rendering.catalogue import known, text

_OURS = ("tasks.", "rules.", "schemas.", "flows.")


class FormRefused(Exception):
    """What was filled in cannot be used; the message names every field and why."""


def operated(
    name: str, form: type[Form], describe: Describe | None = None
) -> Callable[[Callable[..., Any]], Flow[..., Any]]:
    """@flow as every flow of operators is declared. The form comes as a dict or as a model."""

    def made(function: Callable[..., Any]) -> Flow[..., Any]:
        @wraps(function)
        def run(form: Any = None) -> Any:
            try:
                return function(_filled(given, form))
            except Exception as error:
                if not is_refusal(error):
                    raise
                return refused(name, error)

        return flow(name=name, flow_run_name=run_name(name, describe), validate_parameters=False)(
            run
        )

    given = form
    return made


def _filled(model: type[Form], values: Any) -> Form:
    """The form as a model. Raises FormRefused."""
    if isinstance(values, model):
        return values
    try:
        return model.model_validate(values or {})
    except ValidationError as error:
        faults = "; ".join(
            f"{_title(model, e['loc'])}: {_why(e)}" for e in error.errors(include_url=False)
        )
        raise FormRefused(said("bad_form", faults=faults)) from None


def _title(model: type[Form], where: tuple[int | str, ...]) -> str:
    """What the form calls a field; an unknown field's own name."""
    name = str(where[0]) if where else "-"
    field = model.model_fields.get(name)
    return str(field.title) if field and field.title else artifacts.cell(name)


def _why(error: Mapping[str, Any]) -> str:
    """The wording of `form.fault.<type>`; else what the check says."""
    kind = f"form.fault.{error['type']}"
    values = {k: v for k, v in (error.get("ctx") or {}).items() if k != "error"}
    return text(kind, LANG, **values) if known(kind) else str(error["msg"])


def is_refusal(error: BaseException) -> bool:
    """Whether an exception is ours and written for people."""
    return type(error).__module__.startswith(_OURS) and not isinstance(error, AssertionError)


def refused(name: str, error: Exception) -> State[Any]:
    """The failed state of a refusal, and its page."""
    words = " ".join(str(error.said(LANG) if hasattr(error, "said") else error).split())
    artifacts.page(key(name, "answer"), f"## {said('not_done')}\n\n{inline(words)}")
    return Failed(message=words, data=error)


def waiting(result: dict[str, Any], words: str) -> State[Any]:
    """The state of a run after which a person has the word."""
    return Completed(name="Waiting", message=words, data=result)


def answer(
    name: str,
    happened: str,
    items: list[dict[str, Any]] | None = None,
    following: tuple[str, ...] = (),
) -> None:
    """The page of a run: what happened, to which items, and what to do next; text, never markup."""
    parts = [f"## {inline(happened)}"]
    if items:
        parts.append(_table(artifacts.rows_of(items)))
    steps = [f"- {inline(step)}" for step in following] or [f"- {said('nothing_to_do')}"]
    parts.append(f"### {said('next')}\n\n" + "\n".join(steps))
    artifacts.page(key(name, "answer"), "\n\n".join(parts))


def _table(rows: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [" | ".join(inline(row.get(name, "")) for name in names) for row in rows]
    heads = [" | ".join(inline(n) for n in names), " | ".join("---" for _ in names)]
    return "\n".join(f"| {line} |" for line in (*heads, *lines))
