"""Changes to projections: which rows end and which begin, written with the slice that causes them.

A bitemporal row that is superseded is not rewritten: its `seq_to` is set to the slice's last event
and the corrected row begins there, so that every earlier watermark still sees what it saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import Connection, Table, bindparam

from schemas.period import FOREVER
from tasks.store import bulk

GROUP = "group"


@dataclass(frozen=True)
class Change:
    """Rows of one table that begin and end; both frames carry `group`, see `tasks.intake.take`.

    `begin` has the table's columns but county, seq_from, seq_to and seq. `end` has the columns of
    `key`; rows of a bitemporal table are closed, rows of any other table are deleted.
    """

    table: Table
    begin: pd.DataFrame
    key: tuple[str, ...] = ()
    end: pd.DataFrame = field(default_factory=pd.DataFrame)

    def part(self, groups: pd.Index) -> "Change":
        """What belongs to these groups only."""
        end = self.end if self.end.empty else self.end[self.end[GROUP].isin(groups)]
        return Change(self.table, self.begin[self.begin[GROUP].isin(groups)], self.key, end)

    def shifted(self, offset: int) -> "Change":
        """The same with groups moved out of the way of another decision's groups."""
        begin, end = (
            f if f.empty else f.assign(**{GROUP: f[GROUP] + offset}) for f in (self.begin, self.end)
        )
        return Change(self.table, begin, self.key, end)

    def write(self, connection: Connection, county: str, seq: int) -> None:
        """Apply inside the caller's transaction; `seq` is the slice's last event."""
        if not self.end.empty:
            self._finish(connection, county, seq)
        if not self.begin.empty:
            stamps: dict[str, str | int] = {
                "county": county,
                "seq_from": seq,
                "seq_to": FOREVER,
                "seq": seq,
            }
            named = {k: v for k, v in stamps.items() if k in self.table.c}
            bulk.insert_frame(connection, self.table, self.begin.assign(**named))

    def _finish(self, connection: Connection, county: str, seq: int) -> None:
        table = self.table
        mine = [table.c.county == county]
        mine += [table.c[k] == bindparam(f"k_{k}") for k in self.key]
        rows = [
            {f"k_{k}": v for k, v in zip(self.key, row, strict=True)}
            for row in bulk.tuples(self.end, self.key)
        ]
        if "seq_to" in table.c:
            statement = table.update().where(*mine, table.c.seq_to == FOREVER).values(seq_to=seq)
            connection.execute(statement, rows)
        else:
            connection.execute(table.delete().where(*mine), rows)


def difference(
    old: pd.DataFrame, new: pd.DataFrame, content: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(rows of old that are not in new, rows of new that are not in old), by `content` columns."""
    if old.empty:
        return old, new
    both = pd.concat([old[list(content)], new[list(content)]], ignore_index=True)
    lone = ~both.duplicated(keep=False).to_numpy(dtype=bool)
    return old[lone[: len(old)]], new[lone[len(old) :]]
