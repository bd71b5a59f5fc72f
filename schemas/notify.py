"""`notify.yaml`: who is told of what, on which channel. Addresses are in the home's settings.

A county without the file tells nobody; what happened is on Prefect's pages and in the log.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.organisation import Frozen


class Occasion(StrEnum):
    """What somebody may be told of."""

    RUN_FAILED = "run_failed"
    RUN_CRASHED = "run_crashed"
    RUN_TIMED_OUT = "run_timed_out"
    RUN_LATE = "run_late"
    RUN_DEGRADED = "run_degraded"
    SUBMISSION_MISSING = "submission_missing"
    DECISION_PENDING = "decision_pending"


# What Prefect calls the end of a run, as an occasion.
OF_STATE = {
    "Failed": Occasion.RUN_FAILED,
    "Crashed": Occasion.RUN_CRASHED,
    "TimedOut": Occasion.RUN_TIMED_OUT,
    "Late": Occasion.RUN_LATE,
    "Degraded": Occasion.RUN_DEGRADED,
}


class Route(Frozen):
    """These occasions are told on these channels: sections `[notify.NAME]` of bihuan.toml."""

    when: tuple[Occasion, ...] = Field(min_length=1)
    to: tuple[str, ...] = Field(min_length=1)


class Notify(Frozen):
    """All routes; an occasion is told once on a channel, however many routes name it."""

    routes: tuple[Route, ...] = ()

    @model_validator(mode="after")
    def _named_plainly(self) -> Self:
        odd = sorted({n for r in self.routes for n in r.to if not n.replace("_", "").isalnum()})
        if odd:
            raise ValueError(f"channels {odd}: letters, digits and _ only")
        return self

    def channels(self, occasion: Occasion) -> list[str]:
        """Whom an occasion is told, each once, in the order of the file."""
        named = (name for route in self.routes if occasion in route.when for name in route.to)
        return list(dict.fromkeys(named))


NOBODY = Notify()
