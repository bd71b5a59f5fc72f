"""The owner of the database as a forger: he changes the past, and may make all else fit again.

All of it happens in a copy in memory. `Forger.forge` does one random thing to events at or below a
size; `rebuilt` says how much he makes anew: nothing, the chain with its head, or everything that is
stored, with the tree, the slices and the seals in the ledger themselves.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from rules.merkle import Frontier, grown, leaves, root_of
from rules.seal import chain
from schemas.events import EVENT_COLUMNS, GENESIS, HASHED_COLUMNS
from tasks.store.seals import SEAL_MADE
from tests.store.tiny import Tiny

Row = dict[str, Any]
HOW = ("edit", "delete", "reorder", "back_date", "truncate", "insert", "replace")
REBUILT = ("nothing", "chain", "everything")
_TIMES = ("claimed_at", "sent_at", "received_at", "appended_at", "file_by")
_TEXTS = ("actor", "source", "record", "source_id", "kind", "row_digest", "delivery", "stream_id")


@dataclass(frozen=True)
class Forgery:
    how: str
    rebuilt: str
    at: int  # the first event that is touched


class Forger:
    def __init__(self, store: sqlite3.Connection, county: str) -> None:
        """A copy of the store, without its guards."""
        self.store = sqlite3.connect(":memory:", check_same_thread=False)
        self.county = county
        self.path = Path()
        store.backup(self.store)
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in self.store.execute(names).fetchall():
            self.store.execute(f"DROP TRIGGER {name}")

    @classmethod
    def of(cls, tiny: Tiny) -> "Forger":
        """A copy of a home's store; `put_back` makes it the home's own."""
        tiny.county.engine.dispose()  # so that everything is in the file
        path = tiny.county.home / "bihuan.sqlite"
        forger = cls(sqlite3.connect(path), tiny.county.code)
        forger.path = path
        return forger

    def put_back(self) -> None:
        with sqlite3.connect(self.path) as store:
            self.store.backup(store)

    def rows(self) -> list[Row]:
        query = f"SELECT {', '.join(EVENT_COLUMNS)} FROM event WHERE county = ? ORDER BY seq"
        found = self.store.execute(query, (self.county,))
        return [dict(zip(EVENT_COLUMNS, row, strict=True)) for row in found]

    def forge(self, how: str, rebuilt: str, random: Random, low: int, high: int) -> Forgery:
        """Do one thing to an event from `low` to `high`, and rebuild as much as is said."""
        rows = self.rows()
        at = random.randint(low, high)
        changed = _WAYS[how](rows, at - 1, random)
        if rebuilt == "nothing":
            self._write(changed)
        else:
            self.rebuild(changed, everything=rebuilt == "everything")
        return Forgery(how, rebuilt, at)

    def _write(self, rows: list[Row]) -> None:
        self.store.execute("DELETE FROM event WHERE county = ?", (self.county,))
        marks = ", ".join("?" * len(EVENT_COLUMNS))
        names = ", ".join(EVENT_COLUMNS)
        tuples = [tuple(row[c] for c in EVENT_COLUMNS) for row in rows]
        self.store.executemany(f"INSERT INTO event ({names}) VALUES ({marks})", tuples)
        self.store.commit()

    def rebuild(self, rows: list[Row], everything: bool) -> None:
        hashes: list[str] = []
        for number, row in enumerate(rows, 1):
            row["seq"], row["prev_hash"] = number, hashes[-1] if hashes else GENESIS
            if everything and row["kind"] == SEAL_MADE:
                row["payload"] = _sealed_again(row["payload"], hashes)
            (row["hash"],) = chain(row["prev_hash"], [[row[c] for c in HASHED_COLUMNS]])
            hashes.append(row["hash"])
        self._write(rows)
        self.store.execute("UPDATE ledger_head SET seq = ?, hash = ?", (len(rows), hashes[-1]))
        if everything:
            self._rebuild_tree(hashes)
        self.store.commit()

    def _rebuild_tree(self, hashes: list[str]) -> None:
        tree = str(grown(Frontier(), leaves(hashes)))
        self.store.execute("UPDATE ledger_head SET frontier = ?", (tree,))
        ends = self.store.execute("SELECT last_seq FROM ledger_slice ORDER BY last_seq").fetchall()
        for (last,) in ends:
            if last > len(hashes):
                self.store.execute("DELETE FROM ledger_slice WHERE last_seq = ?", (last,))
                continue
            now = root_of(leaves(hashes[:last])).hex(), hashes[last - 1], last
            self.store.execute("UPDATE ledger_slice SET root = ?, hash = ? WHERE last_seq = ?", now)


def _sealed_again(payload: str, hashes: list[str]) -> str:
    """A seal in the ledger, made to say what the forged events give."""
    said = json.loads(payload)
    size = min(said["size"], len(hashes))
    root = root_of(leaves(hashes[:size])).hex()
    said |= {"size": size, "root": root, "head": hashes[size - 1] if size else GENESIS}
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def _edit(rows: list[Row], at: int, random: Random) -> list[Row]:
    row = rows[at]
    column = random.choice((*_TIMES, *_TEXTS, "payload", "version"))
    if column == "payload":
        row[column] = json.dumps(json.loads(row[column]) | {"forged": random.random().hex()})
    elif column in _TEXTS:
        row[column] = f"{row[column]}{random.randint(0, 9)}"
    else:
        row[column] += random.choice((1_000_000, -1)) if column in _TIMES else 1_000_000
    return rows


def _delete(rows: list[Row], at: int, random: Random) -> list[Row]:
    return rows[:at] + rows[at + random.randint(1, 3) :]


def _reorder(rows: list[Row], at: int, random: Random) -> list[Row]:
    other = random.choice([n for n in range(len(rows)) if n != at])
    rows[at]["seq"], rows[other]["seq"] = rows[other]["seq"], rows[at]["seq"]
    return sorted(rows, key=lambda row: row["seq"])


def _back_date(rows: list[Row], at: int, random: Random) -> list[Row]:
    for column in random.sample(_TIMES, random.randint(1, len(_TIMES))):
        rows[at][column] -= random.randint(1, 90 * 24 * 3_600_000)
    return rows


def _truncate(rows: list[Row], at: int, random: Random) -> list[Row]:
    return rows[: max(at, 1)] if at else rows[:1]


def _insert(rows: list[Row], at: int, random: Random) -> list[Row]:
    new = rows[at] | {"stream_id": f"hazard:{random.randbytes(8).hex()}", "version": 1}
    after = [row | {"seq": row["seq"] + 1} for row in rows[at:]]
    return [*rows[:at], new, *after]


def _replace(rows: list[Row], at: int, random: Random) -> list[Row]:
    """Cut off, and write another history at least as long."""
    kept = rows[: max(at, 1)]
    more = [
        row | {"stream_id": f"hazard:{random.randbytes(8).hex()}", "version": 1}
        for row in random.choices(rows, k=len(rows) - len(kept) + random.randint(0, 5))
    ]
    return [*kept, *({**row, "seq": n} for n, row in enumerate(more, len(kept) + 1))]


_WAYS: dict[str, Callable[[list[Row], int, Random], list[Row]]] = {
    "edit": _edit, "delete": _delete, "reorder": _reorder, "back_date": _back_date,
    "truncate": _truncate, "insert": _insert, "replace": _replace,
}  # fmt: skip
