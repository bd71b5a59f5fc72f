"""The run forms: what an operator fills in before a flow starts, one model per flow.

Titles and hints come from the message catalogue in the language of BIHUAN_LANG (Chinese unless it
says otherwise), closed choices are drop-downs of names, days are date pickers. What changes
something for others is a dry run until the form says otherwise. No field takes data of a reporter.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    create_model,
    field_validator,
    model_validator,
)

from flows import choices
from flows.choices import LANG as LANG
from flows.choices import Choices
from flows.forming import Day, DryRun, Form, said
from flows.forms_counties import BackfillForm
from schemas.records import UPDATE
from schemas.seals import Seal, SealFile
from schemas.vocabulary import EditionKind

# Set by the run itself, not typed by a person.
_NOT_TYPED = {"source_id", "finding_source", "finding_id", "event", "sent_at", "implied"}
DATA_FIELDS = tuple(f.name for f in UPDATE.fields if f.name not in _NOT_TYPED)


SourceName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$"), Choices(choices.sources)
]
Sources = Annotated[list[SourceName], Field(max_length=64)]
Actor = Annotated[str, said("act.actor", max_length=100)]
Code = Annotated[str, said("act.code", max_length=12)]
Reason = Annotated[str, said("act.reason", max_length=2000)]


class CollectForm(Form):
    sources: Annotated[Sources, said("collect.sources")] = []


class SuperviseForm(Form):
    working_days_only: Annotated[bool, said("supervise.working_days_only")] = False


class BulletinForm(Form):
    kind: Annotated[EditionKind, said("bulletin.kind"), Choices(choices.kinds)] = EditionKind.WEEKLY
    period: Annotated[str, said("bulletin.period", max_length=40)] = ""
    revise: Annotated[bool, said("bulletin.revise")] = False
    dry_run: DryRun = True

    @model_validator(mode="after")
    def _is_a_period(self) -> "BulletinForm":
        """A code that names no period of its kind is refused before a run begins."""
        if self.period:
            from rules.kinds import period_of

            period_of(self.kind, self.period, "UTC")
        return self


def _is_a_seal(value: str) -> str:
    SealFile.model_validate_json(value)
    return value


# A seal file's whole content.
SealText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_is_a_seal)]


class LateForm(Form):
    days: Annotated[list[date], said("late.days", max_length=60)] = []
    sources: Annotated[Sources, said("late.sources", min_length=1)] = ["grid"]
    dry_run: DryRun = True


class AuditForm(Form):
    seals: Annotated[list[SealText], said("audit.seals", max_length=100)] = []

    def given(self) -> list[Seal]:
        """What seals say that were kept outside."""
        return [SealFile.model_validate_json(text).seal for text in self.seals]


class SealForm(Form):
    pass


class ReplayForm(Form):
    source: Annotated[SourceName, said("replay.source")]
    since: Annotated[Day, said("replay.since")] = ""
    dry_run: DryRun = True


class ReconcileForm(Form):
    sources: Annotated[Sources, said("collect.sources")] = []
    mend: Annotated[bool, said("reconcile.mend")] = False


class ListForm(Form):
    """挂牌: hazards of one unit proposed for listing; a leader's approval follows."""

    hazards: Annotated[list[str], said("list.hazards", min_length=1, max_length=200)]
    level: Annotated[str, said("list.level"), Choices(choices.levels)] = "county"
    reason: Annotated[str, said("act.reason", min_length=1, max_length=2000)]
    actor: Annotated[str, said("act.actor", min_length=1, max_length=100)]
    dry_run: DryRun = True


class DelistForm(Form):
    """摘牌: from the unit's application to the closing of a listing."""

    listing: Annotated[str, said("listing.key", min_length=1, max_length=200)]
    step: Annotated[str, said("delist.step"), Choices(choices.endings)] = choices.ENDING[0].value
    organisation: Annotated[str, said("act.organisation", max_length=200)] = ""
    person: Annotated[str, said("act.person", max_length=100)] = ""
    evidence: Annotated[str, said("act.evidence", max_length=2000)] = ""
    level: Annotated[str, said("list.level"), Choices(choices.levels, True)] = ""
    reason: Reason = ""
    second_person: Annotated[str, said("act.second_person", max_length=100)] = ""
    code: Code = ""
    actor: Annotated[str, said("act.actor", min_length=1, max_length=100)]
    dry_run: DryRun = True


class ExtendForm(Form):
    """申请延期 of a hazard or of a listing; the decision is another person's."""

    name: Annotated[str, said("extend.name", min_length=1, max_length=200)]
    due_on: Annotated[date, said("extend.due_on")]
    reason: Annotated[str, said("act.reason", min_length=1, max_length=2000)]
    interim_control: Annotated[str, said("act.interim_control", min_length=1, max_length=2000)]
    actor: Annotated[str, said("act.actor", min_length=1, max_length=100)]
    dry_run: DryRun = True


class ApproveForm(Form):
    """A person's word on what waits; proved by the code of their device."""

    name: Annotated[str, said("approve.name", max_length=200)] = ""
    decision: Annotated[str, said("approve.decision"), Choices(choices.decisions)] = "approve"
    person: Annotated[str, said("approve.person", max_length=100)] = ""
    code: Annotated[str, said("approve.code", max_length=12)] = ""
    reason: Annotated[str, said("approve.reason", max_length=2000)] = ""
    due_on: Annotated[Day, said("approve.due_on")] = ""
    actor: Annotated[str, said("approve.actor", max_length=100)] = ""
    dry_run: DryRun = True

    @field_validator("decision")
    @classmethod
    def _is_one(cls, value: str) -> str:
        if value not in choices.decisions():
            raise ValueError("approve or refuse")
        return value


class _Act(Form):
    hazard: Annotated[str, said("act.hazard", min_length=1, max_length=200)]
    event: Annotated[str, said("act.event"), Choices(choices.events)]
    actor: Annotated[str, said("act.actor", min_length=1, max_length=100)]
    code: Code = ""
    dry_run: DryRun = True

    @field_validator("event")
    @classmethod
    def _is_an_event(cls, value: str) -> str:
        if value not in choices.EVENTS:
            raise ValueError("no such event")
        return value

    def data(self) -> dict[str, str]:
        """What was filled in, by field of the canonical update."""
        filled = self.model_dump(include=set(DATA_FIELDS), mode="json")
        return {name: value for name, value in filled.items() if value}


_PICKED = {
    "town_code": Choices(choices.towns, True),
    "severity": Choices(choices.severities, True),
    "listing_level": Choices(choices.levels, True),
}


def _data_field(name: str) -> tuple[Any, Any]:
    described = said(f"act.{name}", max_length=2000)
    if name in _PICKED:
        return Annotated[str, described, _PICKED[name]], ""
    if name in UPDATE.of_kind("date"):
        return Annotated[Day, said(f"act.{name}")], ""
    return Annotated[str, described], ""


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


class NotifyForm(Form):
    """What an automation tells of a run; never filled in by a person."""

    what: Annotated[str, said("notify.what", max_length=40)]
    run_name: Annotated[str, said("notify.run_name", max_length=200)] = ""
    run_id: Annotated[str, said("notify.run_id", max_length=80)] = ""
    message: Annotated[str, said("notify.message", max_length=4000)] = ""


# By the name of the flow's function, as prefect.yaml names it.
OF_FLOW: Mapping[str, type[Form]] = {
    "collect": CollectForm,
    "supervise": SuperviseForm,
    "bulletin": BulletinForm,
    "late": LateForm,
    "act": ActForm,
    "list_hazards": ListForm,
    "delist": DelistForm,
    "extend": ExtendForm,
    "approve": ApproveForm,
    "replay": ReplayForm,
    "reconcile": ReconcileForm,
    "backfill": BackfillForm,
    "audit": AuditForm,
    "seal": SealForm,
    "notify": NotifyForm,
}
