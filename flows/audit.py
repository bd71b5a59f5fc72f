"""Audit: the chain, projections = replay, stored editions = their digests; a finding fails the run.

Try `bihuan audit`.
"""

from dataclasses import asdict
from typing import Any

from prefect import flow
from prefect.states import Completed, Failed, State

from flows import artifacts
from flows.forms import AuditForm
from flows.naming import run_name
from flows.runtime import opened, step


def audit_all() -> dict[str, Any]:
    """ok, size, root, findings."""
    from tasks.auditing import audit as verify

    return asdict(verify(opened()))


auditing = step("verify ledger and editions")(audit_all)


EMPTY = AuditForm()


@flow(name="audit", flow_run_name=run_name("audit"))
def audit(form: AuditForm = EMPTY) -> State[Any]:
    """审计：校验台账与各期通报。Verify the ledger and every published edition."""
    result: dict[str, Any] = auditing()
    verdict = f"{result['size']} events, root {result['root'][:16]}"
    artifacts.table(
        "audit", result["findings"] or [{"finding": artifacts.said("no_finding")}], verdict
    )
    if result["ok"]:
        return Completed(message=verdict, data=result)
    return Failed(message=f"{len(result['findings'])} findings; {verdict}", data=result)
