"""The run forms: what an operator fills in before a flow starts, one model per flow.

Titles and hints come from the message catalogue in the language of BIHUAN_LANG (Chinese unless it
says otherwise), closed choices are drop-downs, days are date pickers. What changes something for
others is a dry run until the form says otherwise. No field ever takes data about a reporter.
"""

import os
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    create_model,
    model_validator,
)

from schemas.records import UPDATE
from schemas.vocabulary import UPDATE_EVENTS, EditionKind
from tasks.rendering.catalogue import known, text

LANG = "en" if os.environ.get("BIHUAN_LANG", "zh").lower().startswith("en") else "zh"
# What somebody does is entered here; that a hazard exists comes from a source.
EVENTS = tuple(event.value for event in UPDATE_EVENTS)
# Set by the run itself, not typed by a person.
_NOT_TYPED = {"source_id", "finding_source", "finding_id", "event", "sent_at", "implied"}
DATA_FIELDS = tuple(f.name for f in UPDATE.fields if f.name not in _NOT_TYPED)


def said(key: str, **rules: Any) -> Any:
    """A field's title, hint and bounds; the wording is `form.<key>` and `form.<key>.hint`."""
    hint = f"form.{key}.hint"
    described = text(hint, LANG) if known(hint) else None
    return Field(title=text(f"form.{key}", LANG), description=described, **rules)


class Form(BaseModel):
    """Closed: an unknown key is refused, and an error never repeats what was typed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class CollectForm(Form):
    sources: Annotated[list[str], said("collect.sources", max_length=64)] = []


class SuperviseForm(Form):
    pass


class BulletinForm(Form):
    kind: Annotated[EditionKind, said("bulletin.kind")] = EditionKind.WEEKLY
    period: Annotated[str, said("bulletin.period", max_length=40)] = ""
    revise: Annotated[bool, said("bulletin.revise")] = False
    dry_run: Annotated[bool, said("dry_run")] = True

    @model_validator(mode="after")
    def _is_a_period(self) -> "BulletinForm":
        """A code that names no period of its kind is refused before a run begins."""
        if self.period:
            from rules.kinds import period_of

            period_of(self.kind, self.period, "UTC")
        return self


SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class LateForm(Form):
    days: Annotated[list[date], said("late.days", min_length=1, max_length=60)]
    sources: Annotated[list[SourceName], said("late.sources", min_length=1, max_length=20)] = [
        "grid"
    ]
    dry_run: Annotated[bool, said("dry_run")] = True


class AuditForm(Form):
    pass


class _Act(Form):
    hazard: Annotated[str, said("act.hazard", min_length=1, max_length=200)]
    event: Annotated[Literal[EVENTS], said("act.event")]  # type: ignore[valid-type]
    actor: Annotated[str, said("act.actor", min_length=1, max_length=100)]
    code: Annotated[str, said("act.code", max_length=12)] = ""
    dry_run: Annotated[bool, said("dry_run")] = True

    def data(self) -> dict[str, str]:
        """What was filled in, by field of the canonical update."""
        filled = self.model_dump(include=set(DATA_FIELDS), mode="json")
        return {name: value for name, value in filled.items() if value}


def _data_field(name: str) -> tuple[Any, Any]:
    return Annotated[str, said(f"act.{name}", max_length=2000)], ""


if TYPE_CHECKING:

    class ActForm(_Act):
        pass

else:
    ActForm = create_model(
        "ActForm",
        __base__=_Act,
        __module__=__name__,
        **{name: _data_field(name) for name in DATA_FIELDS},
    )
