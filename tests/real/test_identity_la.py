"""Real labels for identity: 10,000 requests of Los Angeles' service line (311), late 2018.

Two requests for one address, type and day are taken as one matter (the city's own agents mark such
as duplicates); one type at another address, or another type at one address, are two matters. There
is no text beyond the type, so this judges the relation of places, categories and times, not that
of words: docs/identity.md.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from rules.identity import candidate_pairs
from rules.identity_clusters import components
from rules.identity_names import place_keys
from schemas.policy import Identity

ROWS = 10_000
SAME_MATTER = 1_106  # pairs of one address, type and day
OTHER_TYPE = 1_429  # pairs of one address and day and two types
POLICY = Identity(window_days=0, text_similarity=100, unsure_similarity=100)


@dataclass(frozen=True)
class Labelled:
    """Requests as findings, the pairs that are one matter, and those that are not."""

    frame: pd.DataFrame
    same: frozenset[tuple[str, str]]
    other_type: frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def requests(shared_data: Path) -> Labelled:
    with (shared_data / "myla311" / "2018_mini_a.csv").open(encoding="utf-8-sig") as file:
        rows = pd.DataFrame(csv.DictReader(file))
    days = rows["CreatedDate"].str[:10]
    written = pd.DataFrame(
        {
            "town_code": "LA",
            "place_id": None,
            "credit_code": None,
            "unit_name": None,
            "address": [spelled(a, i) for i, a in enumerate(rows["Address"])],
        }
    )
    frame = pd.DataFrame(
        {
            "stream_id": rows["SRNumber"],
            "category": rows["RequestType"],
            "found_at": [midnight(day) for day in days],
            "description": rows["RequestType"],
            **place_keys(written, ()),
        }
    )
    matter = [rows["Address"], rows["RequestType"], days]
    same = pairs_of(rows.groupby(matter)["SRNumber"])
    return Labelled(frame, same, pairs_of(rows.groupby([matter[0], days])["SRNumber"]) - same)


def spelled(address: str, position: int) -> str:
    """As another agent writes it: every other request in small letters, without the comma."""
    return address if position % 2 else address.lower().replace(",", " ")


def midnight(day: str) -> int:
    return int(datetime.strptime(day, "%m/%d/%Y").replace(tzinfo=UTC).timestamp() * 1000)


def pairs_of(groups: "pd.api.typing.SeriesGroupBy[str, object]") -> frozenset[tuple[str, str]]:
    return frozenset(p for _, ids in groups for p in combinations(sorted(ids), 2))


@pytest.fixture(scope="module")
def joined(requests: Labelled) -> frozenset[tuple[str, str]]:
    roots = components(candidate_pairs(requests.frame, POLICY), requests.frame)
    return pairs_of(roots.groupby("root_id")["stream_id"])


def test_the_labels_are_those_of_the_file(requests: Labelled) -> None:
    assert len(requests.frame) == ROWS
    assert len(requests.same) == SAME_MATTER
    assert len(requests.other_type) == OTHER_TYPE


def test_what_is_joined_is_one_matter_and_one_matter_is_joined(
    requests: Labelled, joined: frozenset[tuple[str, str]]
) -> None:
    """Precision and recall are 1 although every other address is written in another way."""
    assert joined == requests.same


def test_no_two_types_at_one_address_are_joined(
    requests: Labelled, joined: frozenset[tuple[str, str]]
) -> None:
    assert not joined & requests.other_type
