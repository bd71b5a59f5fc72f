"""Seal: the ledger's tree as it stands, as an event and a small file for independent holders.

A holder that cannot be reached is told next time; the seal itself stands. Without new events
nothing is made.

    bihuan seal make
"""

from dataclasses import asdict
from typing import Any

from prefect.states import Completed, State

from flows.artifacts import said
from flows.forms import SealForm
from flows.operating import answer, operated
from flows.runtime import moment, opened, step

ACTOR = "seal"


def seal_now(now: int) -> dict[str, Any]:
    """seal, file, is_new, waiting: which holders were not told, and why."""
    from tasks.sealing import make

    done = make(opened(), now, ACTOR)
    told = {"seal": asdict(done.seal), "file": str(done.file), "is_new": done.is_new}
    return told | {"waiting": dict(done.waiting)}


sealing = step("seal ledger")(seal_now)


EMPTY = SealForm()


@operated("seal", SealForm)
def seal(form: SealForm = EMPTY) -> State[Any]:
    """封存：给台账盖时间印并送外部保管。Seal the ledger and send the seal to its holders."""
    result: dict[str, Any] = sealing(moment())
    key = "sealed.new" if result["is_new"] else "sealed.same"
    words = said(key, size=result["seal"]["size"], root=result["seal"]["root"][:16])
    waits = tuple(said("next.holder", name=n, reason=why) for n, why in result["waiting"].items())
    answer("seal", words, [{"path": result["file"]}], waits)
    name = "Degraded" if waits else None
    return Completed(name=name, message=words, data=result)
