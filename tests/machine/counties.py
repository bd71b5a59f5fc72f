"""A county that lives at random: facts late, twice, out of order, revised and void, by real doors.

One example is one county of HAZARDS hazards. In every step something happens to the hazards of a
mask and is told by one of two sources; then a door opens: a source delivers some of what lies in
its post, operators act, the clocks run, two findings are decided to be one. After every step the
laws of `tests.machine.invariants` hold; at the end the store is what a replay and the oracle make
of its ledger.

To see a failure again: Hypothesis prints the steps with their seeds and masks, and a line
`@reproduce_failure(...)`; put it above `class Counties` and run the test. The steps can also be
called by hand, as printed: `county = Counties(); county.live(door="grid", ...)`.
"""

import atexit
import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.period import DAY_MS, HOUR_MS
from tasks.acting import Action
from tasks.linking import LinkRefused, link
from tasks.store.engine import open_engine, reading, sqlite_url
from tasks.store.replay import differences
from tasks.store.schema import upgrade
from tasks.supervising import supervise
from tests.machine import happenings, invariants
from tests.machine.county import ACTOR, SOURCES, Home, Row, data_of, hazard
from tests.machine.oracle_of_store import disagreements
from tests.store.tiny import MONDAY

HAZARDS = 100
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # thrown away: needs no disk
DOORS = (*SOURCES, *SOURCES, "operators", "clocks", "identity")
SEEDS = st.integers(0, 2**16 - 1)
MASKS = st.binary(min_size=HAZARDS // 8 + 1, max_size=HAZARDS // 8 + 1)


@cache
def template() -> Home:
    """One migrated store for all examples of this process, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-machine-", dir=MEMORY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = open_engine(sqlite_url(folder / "migrated.sqlite"))
    upgrade(engine)
    engine.dispose()
    return Home.made(folder / "template", folder / "migrated.sqlite")


def fresh() -> Home:
    """A county in which nothing has happened yet."""
    folder = template().county.home.parent.parent
    return template().copied(Path(tempfile.mkdtemp(dir=folder)))


class Counties(RuleBasedStateMachine):
    """`seed` decides what happens, the mask to which hazards, the door who comes to the store."""

    hazards = HAZARDS
    steps = 0  # of all examples of this process

    def __init__(self) -> None:
        super().__init__()
        self.home = fresh()
        self.now = MONDAY + DAY_MS
        self.cases = [happenings.case(Random(n), f"F{n:03}", self.now) for n in range(self.hazards)]
        self.post: dict[str, list[Row]] = {source: [] for source in SOURCES}
        for each in self.cases:
            self.post[each.source].append(each.found)
        self.sent: dict[str, list[Row]] = {source: [] for source in SOURCES}
        self.known = invariants.lives(self.home)
        self.is_well = True

    @rule(door=st.sampled_from(DOORS), seed=SEEDS, mask=MASKS)
    def live(self, door: str, seed: int, mask: bytes) -> None:
        rng = Random(seed)
        self.is_well = False  # until the step is done
        self.happen(rng, seed, mask)
        if door in SOURCES:
            self.deliver(door, rng)
        elif door == "operators":
            self.operate(rng)
        elif door == "clocks":
            self.supervise(rng)
        else:
            self.decide(rng)
        self.look_up()
        self.is_well = True
        Counties.steps += 1

    # -- what happens in the county ----------------------------------------------------------

    def happen(self, rng: Random, seed: int, mask: bytes) -> None:
        """Some hours pass; something is told of every hazard of the mask."""
        self.now += rng.choice((1, 5, 24)) * HOUR_MS + 60_000  # a code proves once a minute
        for number, each in enumerate(self.cases):
            if mask[number // 8] >> number % 8 & 1:
                own = Random(f"{seed}:{number}")  # does not depend on the rest of the mask
                again = each.told and own.random() < 0.1
                tell = happenings.revision if again else happenings.update
                source, row = tell(own, each, self.now)
                self.post[source].append(row)
                note(f"told by {source}: {row}")

    def look_up(self) -> None:
        """Of hazards about which nothing lies in the post, those who tell learn how they stand."""
        on_the_way = {row.get("finding_id") for rows in self.post.values() for row in rows}
        self.known, before = invariants.lives(self.home), self.known
        for each in self.cases:
            spans = self.known.get(hazard(each.source, each.name))
            if spans and each.name not in on_the_way:
                last = spans[-1]
                happenings.see(each, last.state.name.lower(), bool(last.accepted_at))
        found = invariants.left_the_open_list(before, self.known, self.now)
        assert found == [], found

    def action(self, rng: Random, each: happenings.Case) -> Action:
        _, row = happenings.update(rng, each, self.now)
        if "second_person" in row:
            row["second_person"] = happenings.SECOND  # one code proves one person
        each.told.pop()  # no source has told it
        return Action(hazard(each.source, each.name), row["event"], data_of(row))

    # -- doors -------------------------------------------------------------------------------

    def deliver(self, source: str, rng: Random) -> None:
        """Some of the post arrives, in any order, with what came before among it."""
        post = self.post[source]
        rng.shuffle(post)
        kept = rng.choice((0, 0, 0, 1, 3, len(post) // 2))
        self.post[source], rows = post[:kept], post[kept:]
        self.sent[source] += rows
        twice = rng.choices(self.sent[source], k=rng.choice((0, 0, 2))) if self.sent[source] else []
        if rows or twice:
            self.home.deliver(source, [*rows, *twice], self.now)

    def operate(self, rng: Random) -> None:
        """Operators say what happened to some hazards: each is refused or done."""
        actions = [self.action(rng, each) for each in self.cases if rng.random() < 0.3]
        note(f"operators: {actions}")
        reports = self.home.act(actions, self.now)
        done = Counter(report.hazard for report in reports if report.ok)
        states = {root: spans[-1].state for root, spans in invariants.lives(self.home).items()}
        for report in reports:
            if report.ok and done[report.hazard] == 1:
                assert states[report.hazard].name.lower() == report.state_after, report

    def supervise(self, rng: Random) -> None:
        """Days pass and the clocks run; running them again does nothing."""
        self.now += rng.choice((0, 1, 4, 10)) * DAY_MS
        supervise(self.home.county, self.now)
        again = supervise(self.home.county, self.now)
        assert (again.appended, again.fired, again.messages) == (0, {}, 0), again

    def decide(self, rng: Random) -> None:
        """An operator says of two findings that they are one hazard, or that they are not."""
        a, b = (hazard(each.source, each.name) for each in rng.sample(self.cases[:8], 2))
        same, why = rng.random() < 0.6, "看过现场"
        with suppress(LinkRefused):  # one has not come, or other decisions hold against it
            link(self.home.county, a, b, same=same, reason=why, actor=ACTOR, now=self.now)

    # -- what holds --------------------------------------------------------------------------

    @invariant()
    def laws(self) -> None:
        found = invariants.broken(self.home, self.known)
        self.is_well &= not found
        assert found == [], found

    def teardown(self) -> None:
        try:
            if self.is_well:
                self.at_the_end()
        finally:
            self.home.gone()

    def at_the_end(self) -> None:
        """The store is what a replay makes of its ledger, and what the oracle makes of it."""
        county = self.home.county
        with reading(county.engine) as connection:
            found = list(differences(connection, county.code, county.fold_policy))
        assert found == [], found
        found = disagreements(self.home)[:5]
        assert found == [], found
