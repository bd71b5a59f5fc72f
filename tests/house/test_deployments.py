"""prefect.yaml and the code say the same."""

from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.house.code import ROOT

PATH = ROOT / "prefect.yaml"
TEXT = PATH.read_text("utf-8") if PATH.exists() else ""

pytestmark = pytest.mark.skipif(not TEXT, reason="prefect.yaml is not written yet")


def _deployments() -> list[dict[str, Any]]:
    return (yaml.safe_load(TEXT) or {}).get("deployments", [])


def _named(deployment: dict[str, Any]) -> str:
    return str(deployment["name"])


def test_names_are_unique_and_there_is_at_least_one() -> None:
    names = [_named(d) for d in _deployments()]
    assert names
    assert len(names) == len(set(names))


def test_nothing_is_pulled_so_that_the_installed_package_is_what_runs() -> None:
    # `pull: null` stores the deployer's folder and hides a package that is not installed.
    assert yaml.safe_load(TEXT)["pull"] == []


@pytest.mark.parametrize("deployment", _deployments(), ids=_named)
def test_a_deployment_names_a_flow_that_exists_and_takes_its_parameters(
    deployment: dict[str, Any],
) -> None:
    from prefect import Flow

    module, _, name = deployment["entrypoint"].partition(":")
    assert module.startswith("flows."), "module entrypoints only: a path hides a missing package"
    flow = getattr(import_module(module), name)
    assert isinstance(flow, Flow)
    assert set(deployment.get("parameters") or {}) <= set(flow.parameters.properties)
    assert set(flow.parameters.required or []) <= set(deployment.get("parameters") or {})


@pytest.mark.parametrize("deployment", _deployments(), ids=_named)
def test_a_deployment_is_called_and_described_in_both_languages(
    deployment: dict[str, Any],
) -> None:
    from tasks.rendering.catalogue import messages

    for key in (f"job.{deployment['name']}", f"job.{deployment['name']}.what"):
        assert {"zh", "en"} <= set(messages()[key])


@pytest.mark.parametrize("deployment", _deployments(), ids=_named)
def test_every_schedule_names_its_time_zone(deployment: dict[str, Any]) -> None:
    for schedule in deployment.get("schedules") or []:
        assert ZoneInfo(schedule["timezone"])


def test_every_flow_module_has_a_deployment() -> None:
    deployed = {d["entrypoint"].partition(":")[0] for d in _deployments()}
    from prefect import Flow

    modules = {f"flows.{p.stem}" for p in (ROOT / "flows").glob("*.py") if p.stem != "__init__"}
    with_flows = {m for m in modules if _defines_a_flow(m, Flow)}
    assert with_flows - deployed == set()


def _defines_a_flow(module: str, flow: type) -> bool:
    values = vars(import_module(module)).values()
    return any(isinstance(v, flow) and v.fn.__module__ == module for v in values)  # type: ignore[attr-defined]
