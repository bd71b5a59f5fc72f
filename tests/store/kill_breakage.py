"""The broken order that the kill test must catch: what was read is ticked off before its rows.

Only the driver's child of the negative control installs it.
"""

from typing import Any


def cursor_before_rows() -> None:
    """Commit submission, cursor and mark of a delivery first, its rows afterwards."""
    from tasks.intake import take
    from tasks.intake.marks import Marks
    from tasks.intake.submitting import Closing
    from tasks.store import ledger, submissions
    from tasks.store.engine import writing

    commit = take._commit

    def too_early(taking: Any, plan: Any, stamp: Any, only: Any, sifted: Any) -> Any:
        closing = Closing(taking, plan.reports, plan.refused, only, frozenset(sifted.problems))
        county, last = taking.county, taking.deliveries[-1]
        with writing(county.engine) as connection:
            closing.complete(connection, ledger.read_head(connection, county.code))
            named = (county.code, taking.declaration.name)
            pulls = submissions.Pulls(last.received_at)
            submissions.move_cursor(connection, *named, last.cursor_after, pulls)
            connection.commit()
        Marks(county).set(taking.deliveries)
        return commit(taking, plan, stamp, only, sifted)

    take._commit = too_early  # type: ignore[assignment]
