"""The broken order that the kill test must catch: what was read is ticked off before its rows.

Only the driver's child of the negative control installs it.
"""

from typing import Any


def cursor_before_rows() -> None:
    """Commit submission, cursor and mark of a delivery first, its rows afterwards."""
    from tasks.intake import collect, take
    from tasks.intake.submitting import Closing
    from tasks.store import ledger
    from tasks.store.engine import writing

    commit = take._commit

    def too_early(taking: Any, plan: Any, stamp: Any, only: Any, problems: Any) -> Any:
        closing = Closing(taking, plan.reports, plan.refused, only, frozenset(problems))
        with writing(taking.county.engine) as connection:
            closing.complete(connection, ledger.read_head(connection, taking.county.code))
            connection.commit()
        for delivery in taking.deliveries:
            collect._mark(delivery).touch()
        return commit(taking, plan, stamp, only, problems)

    take._commit = too_early  # type: ignore[assignment]
