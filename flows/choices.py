"""Drop-downs of the run forms: a person picks a name, the flow gets the code.

Promise: a code is taken where a name is, so schedules and scripts write codes; what is neither is
handed on as it is and refused by whoever needs it. Names of sources and towns are the county's own,
read from its configuration when a form is described; without a home the field is plain text.

    Annotated[str, Choices(sources)]
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import CoreSchema, core_schema

from schemas.vocabulary import UPDATE_EVENTS, EditionKind, ListingLevel, ListingStep, Severity
from tasks.rendering.catalogue import known, text

LANG = "en" if os.environ.get("BIHUAN_LANG", "zh").lower().startswith("en") else "zh"
Offered = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Choices:
    """Metadata of a text field. offered: code → name; `optional` offers leaving it blank first."""

    offered: Offered
    optional: bool = False

    def names(self) -> dict[str, str]:
        """Code → name, in the order in which they are offered."""
        blank = {"": text("form.blank", LANG)} if self.optional else {}
        return blank | dict(self.offered())

    def code(self, value: object) -> object:
        """The code of a name; anything else as it is."""
        codes = {name: code for code, name in self.names().items()}
        return codes.get(value, value) if isinstance(value, str) else value

    def name(self, code: object) -> object:
        """The name of a code; anything else as it is."""
        return self.names().get(code, code) if isinstance(code, str) else code

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.code, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        names = list(self.names().values())
        return {"type": "string"} | ({"enum": names} if len(names) > self.optional else {})


def labelled(*kinds: str) -> Callable[[str], str]:
    """The first wording of a code among `<kind>.<code>`; else the code."""

    def label(code: str) -> str:
        keys = (f"{kind}.{code}" for kind in kinds)
        return next((text(key, LANG) for key in keys if known(key)), code)

    return label


def _of(codes: tuple[str, ...], *kinds: str) -> Offered:
    return lambda: {code: labelled(*kinds)(code) for code in codes}


kinds = _of(tuple(k.value for k in EditionKind), "edition_kind")
# A campaign or a span has no past periods that are due.
RECURRING = tuple(k for k in EditionKind if k not in (EditionKind.CAMPAIGN, EditionKind.SPAN))
recurring = _of(tuple(k.value for k in RECURRING), "edition_kind")
# What somebody does is entered by hand; that a hazard exists comes from a source.
EVENTS = tuple(event.value for event in UPDATE_EVENTS)
events = _of(EVENTS, "fact_kind", "report_step", "enforcement", "note")
severities = _of(tuple(s.name.lower() for s in Severity), "severity")
levels = _of(tuple(v.name.lower() for v in ListingLevel if v), "listing_level")
ENDING = (
    *(ListingStep.APPLIED, ListingStep.PASSED, ListingStep.FAILED),
    *(ListingStep.DELISTED, ListingStep.CLOSED),
)
endings = _of(tuple(step.value for step in ENDING), "listing_step")
decisions = _of(("approve", "refuse"), "decision")


def sources() -> Mapping[str, str]:
    """The county's sources by short name."""
    return _county()[0]


def towns() -> Mapping[str, str]:
    """The county's towns by code."""
    return _county()[1]


@cache
def _county() -> tuple[dict[str, str], dict[str, str]]:
    """Names of the sources and towns of this process's home; none where there is no home."""
    from schemas.settings import Settings, default_home
    from tasks.configuration import ConfigurationError, read, read_sources
    from tasks.county import config_folder

    if not (default_home() / "bihuan.toml").exists():
        return {}, {}
    from schemas.organisation import Organisation

    folder = config_folder(Settings.load(default_home()))
    try:
        organisation = read(folder / "organisation.yaml", Organisation)
        declared = read_sources(folder / "sources")
    except ConfigurationError:  # told by whoever opens the county
        return {}, {}
    return (
        {name: f"{getattr(one.title, LANG)} {name}" for name, one in declared.items()},
        {town.code: getattr(town.name, LANG) for town in organisation.towns},
    )
