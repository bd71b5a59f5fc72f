"""Erasure: of one report, from every byte of the file, for good; the ledger stays whole."""

import json
import sqlite3
from pathlib import Path
from random import Random
from typing import Any

import pytest

from schemas.period import HOUR_MS
from tasks import vaulting
from tasks.auditing import audit
from tasks.operators import NotProved
from tasks.store import vault_file
from tasks.store.vault import SealRequest, Vault, VaultError, establish
from tasks.vaulting import Order, VaultRefused, erase_reporter, open_reporter
from tests.operators.people import ACTOR, LI, NOW
from tests.vault.reported import Reported, reported

DATABASE = "vault.sqlite"


def erased(office: Reported, token: str, step: int = 0) -> list[str]:
    return erase_reporter(office.county, token, office.order(step, "保存期满"), NOW)


def test_what_is_erased_opens_no_more_and_one_event_says_who_and_why(office: Reported) -> None:
    office.report(reported("F1"), reported("F2"))
    (token,), (other,) = office.tokens("F1"), office.tokens("F2")
    assert erased(office, token) == [token]
    with pytest.raises(VaultError, match="was erased"):
        open_reporter(office.county, token, office.private, office.order(1), NOW)
    *_, (stream, kind, actor, payload) = office.said(token)
    said = json.loads(payload)
    assert (stream, kind, actor) == (f"vault:{token}", "reporter_erased", ACTOR)
    assert (said["approver"], said["reason"]) == (LI, "保存期满")
    assert open_reporter(office.county, other, office.private, office.order(1), NOW)
    row = next(r for r in office.county.vault.rows() if r.token == token)
    assert (row.erased_at, row.size) == (NOW, 0)
    assert audit(office.county).findings == []


def test_the_report_that_comes_again_stays_erased_changed_or_not(told: Reported) -> None:
    (token,) = told.tokens("F1")
    erased(told, token)
    assert told.report(reported("F1"), at=2).appended == 0
    changed = reported("F1", phone="13911112222", sent_at="2025-03-04T00:00:00Z")
    assert told.report(changed, at=3).problem == ""
    assert told.tokens("F1") == [token]
    assert told.county.vault.rows()[0].size == 0
    landed = [p.read_text("utf-8") for p in told.county.landing.rglob("*.csv")]
    assert len(landed) == 2 and all(f"sealed:{token}" in text for text in landed)
    assert not any("13911112222" in text for text in landed)


def test_every_version_of_a_report_is_erased_together(told: Reported) -> None:
    told.report(reported("F1", phone="13911112222", sent_at="2025-03-04T00:00:00Z"), at=2)
    first, second = told.tokens("F1")
    assert set(erased(told, second)) == {first, second}
    assert [row.size for row in told.county.vault.rows("findings", "F1")] == [0, 0]
    kinds = [kind for _, kind, _, _ in told.said()]
    assert kinds.count("reporter_erased") == 2


def test_an_erasure_that_was_interrupted_is_named_by_the_audit_and_completed(
    told: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    (token,) = told.tokens()
    with monkeypatch.context() as crash:
        crash.setattr(Vault, "erase", _killed)
        with pytest.raises(KeyboardInterrupt):
            erased(told, token)
    (finding,) = audit(told.county).findings
    assert finding["check"] == "vault" and token in finding["problem"]
    assert vaulting.status(told.county, NOW).findings == [finding["problem"]]
    erased(told, token, step=1)
    assert audit(told.county).findings == []
    assert [kind for _, kind, _, _ in told.said(token)].count("reporter_erased") == 1


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_an_older_copy_of_the_vault_put_back_does_not_go_unnoticed(told: Reported) -> None:
    database = told.county.vault.folder / DATABASE
    older = database.read_bytes()
    told.report(reported("F2"), at=2)
    erased(told, told.tokens("F1")[0])
    database.write_bytes(older)
    problems = " ".join(f["problem"] for f in audit(told.county).findings)
    assert "erased by the ledger, not in the vault" in problems
    assert "sealed by the ledger, not in the vault" in problems


def test_a_destruction_without_an_event_is_found(told: Reported) -> None:
    (token,) = told.tokens()
    told.county.vault.erase([token], NOW)
    (finding,) = audit(told.county).findings
    assert "without an event" in finding["problem"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reason": ""}, "no_reason"),
        ({"reason": "撤回，来电13812345678"}, "holds_number"),
        ({"approver": ACTOR}, "same_person"),
        ({"code": "000000"}, "wrong"),
    ],
)
def test_nobody_erases_alone_or_without_a_reason(
    told: Reported, change: dict[str, str], reason: str
) -> None:
    (token,) = told.tokens()
    order = Order(**vars(told.order(0, "保存期满")) | change)
    with pytest.raises((VaultRefused, NotProved)) as caught:
        erase_reporter(told.county, token, order, NOW)
    assert caught.value.reason == reason
    assert told.county.vault.rows()[0].size > 0


PIECE = 12  # bytes: what stands at the edge of a page is found by the pieces beside it


def filled(folder: Path, rows: int = 300) -> tuple[Vault, list[str], set[bytes]]:
    """A vault whose pages were split and filled, some tokens in it, and pieces of all they hold."""
    establish(folder)
    vault, random = Vault.open(folder), Random(7)
    tokens: list[str] = []
    for start in range(0, rows, 40):
        tokens += vault.seal(
            [
                SealRequest("feed", b"%d" % n, random.randbytes(random.randint(1, 9000)), b"%d" % n)
                for n in range(start, min(start + 40, rows))
            ]
        )
    gone = random.sample(tokens, rows // 10)
    with sqlite3.connect(folder / DATABASE) as database:
        query = "SELECT ephemeral, nonce, ciphertext, row_digest FROM sealed WHERE token = ?"
        found = [database.execute(query, (token,)).fetchone() for token in gone]
    database.close()
    held = [part if isinstance(part, bytes) else part.encode() for row in found for part in row]
    pieces = {p[i : i + PIECE] for p in held for i in range(0, len(p) - PIECE + 1, PIECE)}
    return vault, gone, pieces


def left(folder: Path, pieces: set[bytes]) -> int:
    """How many of these pieces stand anywhere in the vault's folder."""
    content = b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()))
    return len(pieces.intersection(content[i : i + PIECE] for i in range(len(content))))


def test_no_byte_of_what_was_erased_is_left_in_the_file(tmp_path: Path) -> None:
    vault, gone, pieces = filled(tmp_path)
    assert left(tmp_path, pieces) > 0.99 * len(pieces) > 5_000
    vault.erase(gone, 1)
    assert left(tmp_path, pieces) == 0
    assert vault.count() == 300
    assert sorted(p.name for p in tmp_path.iterdir()) == ["custodian.pub", "index.key", DATABASE]


def test_no_byte_of_an_orphan_is_left_in_the_file(tmp_path: Path) -> None:
    vault, gone, pieces = filled(tmp_path)
    vault.discard(gone)
    assert left(tmp_path, pieces) == 0
    assert vault.count() == 270


def test_the_search_finds_what_an_ordinary_update_leaves_behind(tmp_path: Path) -> None:
    _, gone, pieces = filled(tmp_path)
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.executemany(
            "UPDATE sealed SET ephemeral = x'', nonce = x'', ciphertext = x'',"
            " row_digest = token WHERE token = ?",
            [(token,) for token in gone],
        )
    database.close()
    assert left(tmp_path, pieces) > 1_000
    vault_file.scrub(tmp_path / DATABASE)
    assert left(tmp_path, pieces) == 0


def test_a_vault_of_before_is_read_sealed_into_and_erased(told: Reported) -> None:
    """Rows without commitment, key, number or time of sealing."""
    folder = told.county.vault.folder
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("CREATE TABLE old AS SELECT * FROM sealed")
        database.execute("DROP TABLE sealed")
        database.execute(
            "CREATE TABLE sealed (token TEXT PRIMARY KEY, source TEXT NOT NULL, row_digest TEXT"
            " NOT NULL, ephemeral BLOB NOT NULL, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL,"
            " UNIQUE (source, row_digest)) STRICT, WITHOUT ROWID"
        )
        database.execute(
            "INSERT INTO sealed SELECT token, source, row_digest, ephemeral, nonce, ciphertext"
            " FROM old"
        )
        database.execute("DROP TABLE old")
    database.close()
    (row,) = told.county.vault.rows()
    assert (row.commitment, row.key_id, row.report, row.sealed_at) == ("", "", "", 0)
    assert len(told.county.vault.unseal(told.private, row.token)[0]) > 0
    assert vaulting.orphans(told.county, NOW) == []
    told.report(reported("F2"), at=2)
    assert len(told.county.vault.rows()) == 2
    assert erased(told, row.token) == [row.token]


def test_a_file_that_is_no_vault_degrades_the_source_and_says_what_to_do(told: Reported) -> None:
    (told.county.vault.folder / DATABASE).write_bytes(b"not a database" * 400)
    report = told.report(reported("F2"), at=2)
    assert "restore it from a backup" in report.problem
    assert report.taken == 0


def test_time_of_erasure_is_the_first(told: Reported) -> None:
    (token,) = told.tokens()
    erased(told, token)
    told.county.vault.erase([token], NOW + HOUR_MS)
    assert told.county.vault.rows()[0].erased_at == NOW
