"""A worker that carries out every run it is given, whoever else was given the same.

    python -m tests.serving.carrying HOME     an id of a flow run per line → its last state, outcome

Prefect gives a run to one worker; when its server or a worker stumbles it has been seen to give it
to two. This is what such a worker does: the run's own flow, by Prefect's engine, under its id.
"""

import sys
from importlib import import_module
from pathlib import Path

from flows.runtime import prepare
from schemas.settings import Settings
from tests.serving.conftest import ENTRYPOINTS


def main(home: str) -> None:
    prepare(Settings.load(Path(home)))
    from prefect.client.orchestration import get_client
    from prefect.flow_engine import run_flow

    flows = {
        name: getattr(import_module(module), function)
        for name, (module, function) in ENTRYPOINTS.items()
    }
    with get_client(sync_client=True) as client:
        _say("ready")
        for line in sys.stdin:
            run = client.read_flow_run(line.strip())
            flow = flows[client.read_deployment(run.deployment_id).name]
            state = run_flow(flow, flow_run=run, parameters=run.parameters, return_type="state")
            _say(f"{state.name} {state.result(raise_on_failure=False).get('outcome', '')}".strip())


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
