"""Whoever owns the database is found by a seal that somebody else holds, whatever he makes anew.

Sixty forgeries in every run, five hundred nightly (TAMPER_SEED=1 for others), by the audit and by
the standalone verifier.
"""

import json
import os
import sqlite3
from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from schemas.seals import Seal, SealFile
from tasks.auditing_ledger import Walked, outside, walk
from tasks.store import ledger
from tasks.store.engine import reading
from tests.seal.conftest import Office
from tests.seal.forger import HOW, REBUILT, Forger, Forgery
from tools.verify_ledger import Answer, ledgers, of_sqlite

pytestmark = pytest.mark.sqlite  # a forger owns the file; of a server he would own the same rows

TAIL = ("edit", "delete", "back_date", "insert")  # what touches one place only


@dataclass(frozen=True)
class World:
    """The store as it lies in its file, and the last seal that was given out."""

    store: sqlite3.Connection
    county: str
    seal: Seal
    size: int

    def forged(self, random: Random, how: str, rebuilt: str, low: int, high: int) -> "Forged":
        forger = Forger(self.store, self.county)
        return Forged(self, forger, forger.forge(how, rebuilt, random, low, high))


@dataclass(frozen=True)
class Forged:
    world: World
    forger: Forger
    forgery: Forgery

    def audited(self, *seals: Seal) -> Walked:
        engine = create_engine("sqlite://", creator=lambda: self.forger.store, poolclass=StaticPool)
        with reading(engine) as connection:
            head = ledger.read_head(connection, self.world.county)
            return walk(connection, self.world.county, head, outside(seals))

    def verified(self) -> Answer:
        """By the program that knows nothing of ours, against the file that was given out."""
        seal = self.world.seal
        file = {"county": seal.county, "size": seal.size, "root": seal.root, "head": seal.head}
        answer = Answer()
        ledgers(of_sqlite(self.forger.store), [file], answer)
        return answer

    def believed(self) -> bool:
        """A broken check: it takes the root that is stored for the one the events have."""
        query = "SELECT root, hash FROM ledger_slice WHERE last_seq = ?"
        row = self.forger.store.execute(query, (self.world.seal.size,)).fetchone()
        return row == (self.world.seal.root, self.world.seal.head)


@pytest.fixture(scope="module")
def world(sealed_once: Office) -> World:
    tiny = sealed_once.tiny
    tiny.county.engine.dispose()  # so that everything is in the file
    store = sqlite3.connect(tiny.county.home / "bihuan.sqlite")
    seal = SealFile.model_validate_json(sealed_once.held[-1].read_bytes()).seal
    ((size,),) = tiny.query("SELECT seq FROM ledger_head")
    assert seal.size + 5 < size
    return World(store, tiny.county.code, seal, size)


COUNTS = [60, pytest.param(500, marks=[pytest.mark.nightly, pytest.mark.timeout(1800)])]


def forgeries(count: int) -> list[tuple[Random, str, str]]:
    """Every way with every rebuilding in turn, at random places."""
    random = Random(f"{count} {os.environ.get('TAMPER_SEED', 0)}")
    ways = [(how, rebuilt) for how in HOW for rebuilt in REBUILT]
    return [(random, *ways[n % len(ways)]) for n in range(count)]


@pytest.mark.parametrize("count", COUNTS)
def test_every_forgery_below_the_seal_that_was_given_out_is_found(world: World, count: int) -> None:
    missed, found_by, verified = [], Counter[str](), 0
    for random, how, rebuilt in forgeries(count):
        forged = world.forged(random, how, rebuilt, 1, world.seal.size)
        walked = forged.audited(world.seal)
        if not walked.findings or walked.held:
            missed.append(forged.forgery)
        found_by[walked.findings[0].check if rebuilt != "everything" else _only(walked)] += 1
        verified += bool(forged.verified().wrong)
    assert missed == []
    assert verified == count
    assert found_by["seal"] >= count // len(REBUILT)


def _only(walked: Walked) -> str:
    """Where all else was made to fit nothing but the seal tells: there must be nothing else."""
    assert {f.check for f in walked.findings} == {"seal"}, walked.findings
    return "seal"


def test_checks_that_believe_what_is_stored_miss_forgeries(world: World) -> None:
    believing, without_seal = Counter[str](), Counter[str]()
    for random, how, rebuilt in forgeries(60):
        forged = world.forged(random, how, rebuilt, 1, world.seal.size)
        believing[rebuilt] += forged.believed()
        without_seal[rebuilt] += not forged.audited().findings
    assert believing["nothing"] > 10  # slices and roots were left alone
    assert without_seal["everything"] == 60 // len(REBUILT)
    assert without_seal["nothing"] == without_seal["chain"] == 0


@pytest.mark.parametrize("number", range(12))
def test_what_is_forged_above_the_seal_is_never_called_proven(world: World, number: int) -> None:
    random, how = Random(number), TAIL[number % len(TAIL)]
    forged = world.forged(random, how, "everything", world.seal.size + 1, world.size)
    walked, answer = forged.audited(world.seal), forged.verified()
    assert walked.findings == [] == answer.wrong
    assert walked.held == world.seal.size < walked.last.seq
    tail = f"no seal given here covers events {world.seal.size + 1} to {walked.last.seq}"
    assert any(tail in line for line in answer.lines)


@pytest.mark.parametrize("how", TAIL)
def test_a_forged_tail_whose_chain_was_left_is_found_all_the_same(world: World, how: str) -> None:
    forged = world.forged(Random(how), how, "nothing", world.seal.size + 1, world.size)
    walked = forged.audited(world.seal)
    assert [f.check for f in walked.findings] == ["chain"]
    assert walked.held == world.seal.size


def test_an_event_that_was_changed_is_named_by_both(world: World) -> None:
    for number in (1, world.seal.size // 2, world.seal.size, world.size):
        forged = world.forged(Random(number), "edit", "nothing", number, number)
        assert forged.audited(world.seal).findings[0].where == f"event {number}"
        assert f"event {number} was changed" in forged.verified().wrong[0]


def test_a_seal_in_the_ledger_that_was_forged_into_none_is_found(world: World) -> None:
    forger = Forger(world.store, world.county)
    rows = forger.rows()
    for row in rows:
        if row["kind"] == "seal_made":
            row["payload"] = json.dumps({"size": "many"})
    forger.rebuild(rows, everything=False)
    forged = Forged(world, forger, Forgery("edit", "chain", 0))
    assert "seal" in {f.check for f in forged.audited().findings}
