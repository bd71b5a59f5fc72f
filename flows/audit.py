"""Audit: the chain, its tree against every seal, projections = replay, stored editions = their
digests; a finding fails the run.

Try `bihuan audit --seal seal-330282-1234.json`, with a seal that was kept elsewhere.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from prefect.states import Completed, Failed, State

from flows import artifacts
from flows.forms import AuditForm
from flows.operating import answer, operated
from flows.runtime import opened, step
from schemas.seals import Seal


def audit_all(given: Sequence[Seal] = ()) -> dict[str, Any]:
    """ok, size, root, tree, sealed, held, findings. given: seals that were kept outside."""
    from tasks.auditing import audit as verify

    return asdict(verify(opened(), given))


auditing = step("verify ledger and editions")(audit_all)


EMPTY = AuditForm()


@operated("audit", AuditForm)
def audit(form: AuditForm = EMPTY) -> State[Any]:
    """审计：校验台账与各期通报。Verify the ledger and every published edition."""
    result: dict[str, Any] = auditing(form.given())
    verdict = artifacts.said(
        "audited", **{n: result[n] for n in ("size", "sealed")}, root=result["root"][:16]
    )
    artifacts.table(
        "audit", result["findings"] or [{"finding": artifacts.said("no_finding")}], verdict
    )
    following = () if result["ok"] else (artifacts.said("next.audit"),)
    answer("audit", verdict, result["findings"], following)
    if result["ok"]:
        return Completed(message=verdict, data=result)
    words = artifacts.said("audited.no", n=len(result["findings"]), verdict=verdict)
    return Failed(message=words, data=result)
