"""Run forms of several counties at once."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from flows import choices
from flows.choices import RECURRING, Choices
from flows.forming import Day, DryRun, Form, said
from schemas.vocabulary import EditionKind

Kind = Annotated[EditionKind, Choices(choices.recurring)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class BackfillForm(Form):
    """回补: years of history of one or several counties."""

    counties: Annotated[list[Code], said("backfill.counties", max_length=4000)] = []
    kinds: Annotated[list[Kind], said("backfill.kinds", max_length=len(RECURRING))] = []
    since: Annotated[Day, said("backfill.since")] = ""
    revise: Annotated[bool, said("backfill.revise")] = False
    workers: Annotated[int, said("backfill.workers", ge=1, le=256)] = 1
    dry_run: DryRun = True

    @field_validator("kinds")
    @classmethod
    def _recur(cls, value: list[EditionKind]) -> list[EditionKind]:
        if wrong := sorted(set(value) - set(RECURRING)):
            raise PydanticCustomError("no_past", "{kinds}", {"kinds": ", ".join(wrong)})
        return value

    @field_validator("since")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        try:
            return value and date.fromisoformat(value).isoformat()
        except ValueError:
            raise PydanticCustomError("date_from_datetime_parsing", "no day") from None
