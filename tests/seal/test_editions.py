"""Every edition prints the root of what it was made from; editions from before the tree do not."""

import json
from pathlib import Path

import pytest

from rules.merkle import leaves, root_of
from rules.periods import week
from rules.seal import canonical
from schemas.period import DAY_MS, HOUR_MS
from tasks.as_published import differences
from tasks.auditing import audit
from tasks.publication import archive, shelf
from tasks.publication.files import DOCUMENT, render
from tasks.publication.making import made
from tasks.publishing import publish
from tasks.store import editions
from tasks.store.editions import Published
from tasks.store.engine import reading
from tests.seal.conftest import bring
from tests.store.tiny import MONDAY, Tiny

NOW = MONDAY + 7 * DAY_MS + 9 * HOUR_MS


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    tiny = Tiny.make(tmp_path_factory.mktemp("edition"), migrated_file)
    bring(tiny, 1, "F1", "F2")
    publish(tiny.county, week("2025-W10", tiny.county.zone), NOW)
    bring(tiny, 9, "F3")
    return tiny


@pytest.fixture
def tiny(once: Tiny, tmp_path: Path) -> Tiny:
    return once.copied(tmp_path)


def edition(tiny: Tiny) -> Published:
    with reading(tiny.county.engine) as connection:
        (found,) = editions.published(connection, tiny.county.code)
    return found


def test_an_edition_prints_the_root_at_its_watermark_and_is_a_seal_of_it(tiny: Tiny) -> None:
    published = edition(tiny)
    document = archive.document(tiny.county, published)
    query = f"SELECT hash FROM event WHERE seq <= {published.watermark} ORDER BY seq"
    hashes = [row[0] for row in tiny.query(query)]
    assert document["ledger_root"] == root_of(leaves(hashes)).hex()
    page = shelf.read(tiny.county.home, published.folder, "bulletin.zh.html").decode()
    assert document["ledger_root"] in page
    assert differences(tiny.county, published) == []
    report = audit(tiny.county)
    assert (report.ok, report.sealed, report.held) == (True, published.watermark, 0)


def test_an_edition_from_before_the_tree_is_made_again_byte_for_byte(tiny: Tiny) -> None:
    _as_before_the_tree(tiny)
    published = edition(tiny)
    assert "ledger_root" not in archive.document(tiny.county, published)
    assert differences(tiny.county, published) == []
    report = audit(tiny.county)
    assert (report.ok, report.sealed) == (True, 0)


def _as_before_the_tree(tiny: Tiny) -> None:
    """The edition as the version before would have put it on the shelf."""
    published = edition(tiny)
    document = archive.document(tiny.county, published)
    del document["ledger_root"]
    with reading(tiny.county.engine) as connection:
        period = week(published.period, tiny.county.zone)
        items = made(connection, tiny.county, period, published.watermark).items
    files = render(document, items)
    shelf.put(tiny.county.home, Path(published.folder), files)
    told = canonical(shelf.digests(files)).decode()
    tiny.execute(f"UPDATE edition SET files = '{told}'")


def test_a_root_that_was_forged_into_an_edition_is_found(tiny: Tiny) -> None:
    published = edition(tiny)
    path = tiny.county.home / published.folder / DOCUMENT
    document = json.loads(path.read_bytes())
    path.write_bytes(canonical(document | {"ledger_root": "0" * 64}))
    digests = published.files | shelf.digests({DOCUMENT: path.read_bytes()})
    tiny.execute(f"UPDATE edition SET files = '{canonical(digests).decode()}'")
    (found,) = audit(tiny.county).findings
    assert (found["check"], found["where"]) == ("edition", published.folder)
    assert "with the root 0000" in found["problem"]
