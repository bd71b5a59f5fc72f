"""The vault: collecting seals, only the custodian opens, and each row alone."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.store.vault import (
    SealRequest,
    Vault,
    VaultError,
    establish,
    generate_keypair,
    unseal,
)

SECRET = "吹哨人乙某 19911111111".encode()


def row(number: int) -> SealRequest:
    return SealRequest("feed", b"row %d" % number, SECRET + b" %d" % number)


def test_what_is_sealed_opens_with_the_private_key_only(vault: Vault, private_key: bytes) -> None:
    (token,) = vault.seal([row(1)])
    assert unseal(vault.folder, private_key, token) == SECRET + b" 1"
    with pytest.raises(VaultError, match="does not open"):
        unseal(vault.folder, generate_keypair().private, token)
    with pytest.raises(VaultError, match="nothing is sealed"):
        unseal(vault.folder, private_key, "00" * 16)


def test_neither_the_cleartext_nor_the_private_key_is_anywhere_in_the_vault(
    vault: Vault, private_key: bytes
) -> None:
    vault.seal([row(1)])
    for path in vault.folder.iterdir():
        content = path.read_bytes()
        assert private_key not in content
        assert SECRET not in content
        assert path.stat().st_mode & 0o077 == 0


def test_the_same_row_has_one_token_and_the_same_reporter_in_two_rows_has_two(
    vault: Vault, private_key: bytes
) -> None:
    tokens = vault.seal([row(1), row(1), SealRequest("feed", b"other row", SECRET + b" 1")])
    assert tokens[0] == tokens[1] != tokens[2]
    assert vault.seal([row(1)]) == tokens[:1]
    assert vault.count() == 2


def test_a_row_of_another_source_is_another_row(vault: Vault, private_key: bytes) -> None:
    other = SealRequest("other", b"row 1", SECRET)
    assert len(set(vault.seal([row(1), other]))) == 2


def test_a_row_passed_off_as_another_does_not_open(vault: Vault, private_key: bytes) -> None:
    first, second = vault.seal([row(1), row(2)])
    with sqlite3.connect(vault.folder / "vault.sqlite") as database:
        database.execute(
            "UPDATE sealed SET (ephemeral, nonce, ciphertext) = (SELECT ephemeral, nonce,"
            " ciphertext FROM sealed WHERE token = ?) WHERE token = ?",
            (second, first),
        )
    database.close()
    with pytest.raises(VaultError, match="altered"):
        unseal(vault.folder, private_key, first)
    assert unseal(vault.folder, private_key, second) == SECRET + b" 2"


def test_the_database_alone_cannot_be_searched_for_a_guessed_row(tmp_path: Path) -> None:
    digests = set()
    for name in ("a", "b"):
        vault = Vault.open(tmp_path / name)
        establish(vault.folder)
        vault.seal([row(1)])
        with sqlite3.connect(vault.folder / "vault.sqlite") as database:
            digests |= set(database.execute("SELECT row_digest FROM sealed"))
        database.close()
    assert len(digests) == 2


def test_a_vault_is_established_once(tmp_path: Path) -> None:
    assert establish(tmp_path / "vault") is not None
    assert establish(tmp_path / "vault") is None


def test_two_collectors_at_once_seal_a_row_once(vault: Vault, private_key: bytes) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: vault.seal([row(n) for n in range(20)]), range(8)))
    assert all(tokens == results[0] for tokens in results)
    assert vault.count() == 20


def test_no_secret_is_shown_by_a_request_or_a_key(private_key: bytes) -> None:
    assert SECRET.decode()[:5] not in repr(row(1))
    assert "\\x" not in repr(row(1))
    keys = generate_keypair()
    assert repr(keys.private) not in repr(keys)
