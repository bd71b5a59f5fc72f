"""What a policy says of editions: cut-offs, audience, approval, when they are final.

`kinds` overrides for one kind what `bulletin` says for all. What is left out there is as here.
"""

from typing import Literal

from pydantic import Field

from schemas.organisation import Frozen, Name
from schemas.vocabulary import EditionKind

Audience = Literal["internal", "public"]
Approval = Literal["at_once", "required"]
Language = Literal["zh", "en"]
Format = Literal["html", "xlsx", "docx", "pdf", "svg"]  # svg: the chart of the towns
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FORMATS: tuple[Format, ...] = ("html", "xlsx", "docx", "pdf", "svg")


class KindRule(Frozen):
    """What differs for one kind of edition; None: as for all."""

    cut_off_hours: int | None = Field(default=None, ge=0)
    audience: Audience | None = None
    show_ranks: bool | None = None
    red_head: bool | None = None
    approval: Approval | None = None
    preview_hours: int | None = Field(default=None, ge=0)
    recipients: tuple[str, ...] | None = None
    languages: tuple[Language, ...] | None = Field(default=None, min_length=1)
    formats: tuple[Format, ...] | None = None


class Objections(Frozen):
    """异议: until when one may be filed after publication, and when it must be decided."""

    file_working_days: int = Field(ge=1)
    decide_working_days: int = Field(ge=1)


class Bulletin(Frozen):
    """An edition's cut-off after its period's end, and what a silent source means."""

    cut_off_hours: int = Field(ge=0)  # after the period's 24:00; moved to the next working day
    on_missing_source: Literal["name", "refuse"]
    audience: Audience
    dispatch_hours: int = Field(ge=1)
    approval: Approval = "at_once"  # required: a draft is signed before it is an edition
    preview_hours: int = Field(default=0, ge=0)  # how long towns may look before it is signed
    signer: Name | None = None  # who signs, as printed
    recipients: tuple[str, ...] = ()
    # Days after a period's end from which on what comes no longer revises it; None: never.
    freeze_days: int | None = Field(default=None, ge=1)
    show_ranks: bool = True
    red_head: bool = False  # the paper's title in red above a red line
    objections: Objections | None = None  # left out: none are taken
    # The files of an edition beside its JSON: each format in each language.
    languages: tuple[Language, ...] = Field(default=LANGUAGES, min_length=1)
    formats: tuple[Format, ...] = FORMATS
    kinds: dict[EditionKind, KindRule] = {}

    def of_kind(self, kind: EditionKind) -> "Bulletin":
        """The rule for editions of one kind, its overrides merged in."""
        own = self.kinds.get(kind, KindRule())
        said = {name: value for name, value in own if value is not None}
        return self.model_copy(update={**said, "kinds": {}})
