"""Check an exported ledger, its seals and proofs of single events; standard library only.

    python3 verify.py ledger.jsonl seal-330282-1000.json seal-330282-2000.json
    python3 verify.py bihuan.sqlite seal-330282-2000.json
    python3 verify.py seal-330282-1000.json seal-330282-2000.json proof-330282-42.json

Says what holds and what does not, one line each; exit code 0 if all of it holds. It shares nothing
with the program that wrote the ledger but the written format, docs/ledger-format.md. A ledger alone
is only checked in itself: whoever can rewrite all of it makes one that is whole. Bring a seal that
was kept elsewhere.
"""

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

COLUMNS = (
    *("county", "seq", "stream_id", "version", "stream_kind", "kind", "claimed_at", "sent_at"),
    *("received_at", "appended_at", "file_by", "actor", "source", "record", "source_id"),
    *("row_digest", "delivery", "payload"),
)
GENESIS = "0" * 64


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def event_hash(previous: str, values: list) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return sha256((previous + text).encode()).hex()


def leaf(event: str) -> bytes:
    return sha256(b"\x00" + event.encode())


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


class Tree:
    """RFC 6962, grown leaf by leaf: the roots of its perfect subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.roots: list[bytes] = []

    def add(self, new: bytes) -> None:
        size = self.size
        while size & 1:
            new, size = node(self.roots.pop(), new), size >> 1
        self.roots.append(new)
        self.size += 1

    def root(self) -> str:
        if not self.roots:
            return sha256(b"").hex()
        found = self.roots[-1]
        for left in self.roots[-2::-1]:
            found = node(left, found)
        return found.hex()


def follows(first: int, second: int, path: list, old: str, new: str) -> bool:
    """RFC 9162, 2.1.4.2: the tree of `first` leaves is the beginning of that of `second`."""
    if first == second:
        return not path and old == new
    if not 0 < first < second or not path:
        return False
    nodes = [bytes.fromhex(each) for each in path]
    if first & (first - 1) == 0:
        nodes.insert(0, bytes.fromhex(old))
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    one = two = nodes[0]
    for each in nodes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            one, two = node(each, one), node(each, two)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            two = node(two, each)
        at, last = at >> 1, last >> 1
    return last == 0 and one.hex() == old and two.hex() == new


def leads_to(own: bytes, index: int, size: int, path: list) -> str:
    """RFC 9162, 2.1.3.2: the root that an audit path leads to, "" for a path of another length."""
    at, last, found = index, size - 1, own
    for each in (bytes.fromhex(one) for one in path):
        if last == 0:
            return ""
        if at & 1 or at == last:
            found = node(each, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, each)
        at, last = at >> 1, last >> 1
    return found.hex() if last == 0 and index < size else ""


class Answer:
    """What holds, and what does not."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.wrong: list[str] = []

    def ok(self, words: str) -> None:
        self.lines.append(words)

    def fault(self, words: str) -> None:
        self.lines.append("WRONG: " + words)
        self.wrong.append(words)


def ledgers(rows: Iterable, seals: list, answer: Answer) -> set:
    """Follow every county's events and compare them with its seals; the counties that are there."""
    counties: dict[str, Ledger] = {}
    for *values, previous, stored in rows:
        county = values[0]
        if county not in counties:
            counties[county] = Ledger(county, [s for s in seals if s["county"] == county])
        counties[county].take(values, previous, stored)
    for ledger in counties.values():
        ledger.say(answer)
    return set(counties)


class Ledger:
    """One county's events, one after the other."""

    def __init__(self, county: str, seals: list) -> None:
        self.county, self.seals, self.tree = county, seals, Tree()
        self.head, self.broken = GENESIS, 0
        self.sizes = {seal["size"] for seal in seals}
        self.marks: dict[int, tuple[str, str]] = {}

    def take(self, values: list, previous: str, stored: str) -> None:
        if self.broken:
            return
        number = self.tree.size + 1
        found = event_hash(self.head, values)
        if values[1] != number or previous != self.head or stored != found:
            self.broken = number
            return
        self.head = found
        self.tree.add(leaf(found))
        if number in self.sizes:
            self.marks[number] = (self.tree.root(), found)

    def say(self, answer: Answer) -> None:
        size, sealed = self.tree.size, 0
        if self.broken:
            answer.fault(
                f"{self.county}: event {self.broken} was changed, removed, added or moved;"
                " nothing from there on is proven"
            )
        else:
            answer.ok(f"{self.county}: {size} events, head {self.head}, root {self.tree.root()}")
        for seal in sorted(self.seals, key=lambda each: each["size"]):
            if self.agrees(seal, sealed, answer):
                sealed = seal["size"]
        if sealed < size:
            answer.ok(f"{self.county}: no seal given here covers events {sealed + 1} to {size}")

    def agrees(self, seal: dict, sealed: int, answer: Answer) -> bool:
        covered = seal["size"]
        if self.marks.get(covered) == (seal["root"], seal["head"]):
            answer.ok(f"{self.county}: the first {covered} events are those that were sealed")
            return True
        if covered in self.marks:
            answer.fault(
                f"{self.county}: an event from {sealed + 1} to {covered} is not what was sealed;"
                " the chain was made anew"
            )
        elif not self.broken:
            answer.fault(
                f"{self.county}: {covered} events were sealed and {self.tree.size} are there;"
                f" {self.tree.size + 1} to {covered} were removed"
            )
        return False


def grew(seals: list, answer: Answer) -> None:
    """What seals say of one another, without any ledger."""
    known: dict[tuple[str, int], str] = {}
    for seal in seals:
        place = (seal["county"], seal["size"])
        if known.setdefault(place, seal["root"]) != seal["root"]:
            answer.fault(f"{place[0]}: two seals of {place[1]} events have different roots")
    for seal in seals:
        before, county, size = seal["previous"], seal["county"], seal["size"]
        if before is None:
            continue
        words = f"{county}: the seal of {size} events continues that of {before['size']}"
        if known.get((county, before["size"]), before["root"]) != before["root"]:
            answer.fault(f"{words}, but not the one that is held")
        path = seal["consistency"]
        if follows(before["size"], size, path, before["root"], seal["root"]):
            answer.ok(words)
        else:
            answer.fault(f"{words}, and its proof of that does not hold")


def proven(proof: dict, seals: list, answer: Answer) -> None:
    """One event against a seal of the same size."""
    county, size, values = proof["county"], proof["size"], proof["event"]
    words = f"{county}: event {values[1]} is one of the {size} that were sealed"
    roots = {s["root"] for s in seals if (s["county"], s["size"]) == (county, size)}
    own = event_hash(proof["prev_hash"], values)
    found = leads_to(leaf(own), values[1] - 1, size, proof["path"])
    if not roots:
        answer.fault(f"{words}? Bring the seal of {size} events: without it this proves nothing")
    elif own != proof["hash"] or values[0] != county or roots != {found}:
        answer.fault(f"{words}? No: the proof does not lead to the root of that seal")
    else:
        answer.ok(words)


def of_sqlite(connection: sqlite3.Connection) -> Iterable:
    """Every event of a home's SQLite file, or of the table exported into one."""
    names = ", ".join(COLUMNS)
    return connection.execute(f"SELECT {names}, prev_hash, hash FROM event ORDER BY county, seq")


def of_lines(lines: Iterable, county: str, size: int, answer: Answer) -> Iterator:
    """Every event of an exported ledger, after its first line."""
    number = 0
    for number, line in enumerate(lines, 1):
        row = json.loads(line)
        if len(row) != len(COLUMNS) + 2 or row[0] != county:
            raise ValueError(f"line {number + 1} is not an event of {county}")
        yield row
    if number != size:
        answer.fault(f"{county}: the file says {size} events and has {number}")


SQLITE, LINES = "SQLite", "bihuan-ledger/1"
SEAL, PROOF = "bihuan-seal/1", "bihuan-proof/1"


def read(path: Path) -> tuple[str, dict]:
    """The format of a file and what it says; of a ledger its first line."""
    with path.open("rb") as file:
        first = file.readline()
        if first.startswith(b"SQLite format 3\0"):
            return SQLITE, {}
        said = json.loads(first if LINES.encode() in first else first + file.read())
    if said["format"] not in (LINES, SEAL, PROOF):
        raise ValueError(f"{path} is of an unknown format, {said['format']}")
    return said["format"], said


def check(paths: Iterable[Path]) -> Answer:
    """Everything that these files say, held against one another."""
    files = [(path, *read(path)) for path in paths]
    seals = [said for _, kind, said in files if kind == SEAL]
    books = [(path, said) for path, kind, said in files if kind in (SQLITE, LINES)]
    answer, known = Answer(), set()
    for path, said in books:
        known |= ledgers(_rows(path, said, answer), seals, answer)
    for county in sorted({s["county"] for s in seals} - known if books else ()):
        answer.fault(f"{county}: there are seals of it, and no event")
    grew(seals, answer)
    for proof in (said for _, kind, said in files if kind == PROOF):
        proven(proof, seals, answer)
    return answer


def _rows(path: Path, said: dict, answer: Answer) -> Iterator:
    if not said:
        yield from of_sqlite(sqlite3.connect(path))
        return
    with path.open("rb") as file:
        file.readline()
        yield from of_lines(file, said["county"], said["size"], answer)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        found = check(map(Path, sys.argv[1:]))
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
        sys.exit(f"cannot be read: {type(error).__name__}: {error}")
    print(*found.lines, "NOT OK" if found.wrong else "ok", sep="\n")
    sys.exit(1 if found.wrong else 0)
