"""What runs are called: the flow and the week it speaks of, so that a list of runs can be read.

`run_name("collect")` is given to @flow(flow_run_name=…): it is called when a run begins and may
look at the run's own parameters. A name never fails a run.
"""

from collections.abc import Callable
from typing import Any

from schemas.settings import Settings, default_home


def week_now() -> str:
    """The ISO week that the home's clock shows, `2025-W10`."""
    from flows.runtime import moment, opened
    from rules.periods import week_of

    return week_of(moment(), opened().zone).code


Describe = Callable[[dict[str, Any]], str]


def run_name(flow: str, describe: Describe | None = None) -> Callable[[], str]:
    """A name for each run of `flow`. `describe` makes the second half from the run's form."""

    def name() -> str:
        try:
            said = describe(_form()) if describe else week_now()
        except Exception:  # a home that cannot be read is told by the run itself
            return flow
        return f"{flow}-{said}" if said else f"{flow}-{week_now()}"

    return name


def _form() -> dict[str, Any]:
    """A form as JSON: a deployed run brings a dict, a call brings the model."""
    from prefect.runtime import flow_run

    form = flow_run.parameters["form"]
    return form if isinstance(form, dict) else form.model_dump(mode="json")


def tags() -> list[str]:
    """Tags of a run: a demo's runs are never taken for a county's."""
    settings = Settings.load(default_home())
    return [settings.county, "fictitious"] if settings.demo else [settings.county]
