"""The vault of reporters' identities: collecting can seal, only the custodian can open.

Its own SQLite file, apart from the ledger's. Each row is sealed alone (`vault_keys`); the private
key is never needed to collect and never kept in a home.

One row of one source is sealed once: it is known by an HMAC of its content under a key that lies
outside the database, so that the file alone cannot be searched for a guessed reporter. The rows
of one report (its number, HMACed too) are erased together: what opens them is overwritten, in the
file's free pages as well, the tokens stay and say erased. Erased stays erased: whatever of that
report comes again gets an erased token and is not sealed anew.

    vault = Vault.open(home / "vault")
    tokens = vault.seal([SealRequest("complaints", row=b"…", cleartext=b"…")])
"""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path

from tasks.store import vault_file
from tasks.store.vault_keys import (
    KEY_BYTES,
    Box,
    KeyPair,
    VaultError,
    generate_keypair,
    key_id,
    opened,
    public_of,
    sealed,
    write_key,
)

__all__ = ["KeyPair", "VaultError", "generate_keypair", "write_key"]  # beside what is defined here

DATABASE, PUBLIC, INDEX = "vault.sqlite", "custodian.pub", "index.key"
TOKEN_BYTES = 16


@dataclass(frozen=True)
class SealRequest:
    """One reporter: the whole row, which identifies it, and what only the custodian sees.

    `report` identifies the report whatever becomes of its row (the source's own number); b"": the
    row itself does. `at`: when it came, UTC ms.
    """

    source: str
    row: bytes = field(repr=False)
    cleartext: bytes = field(repr=False)
    report: bytes = field(default=b"", repr=False)
    at: int = 0


@dataclass(frozen=True)
class SealedRow:
    """What anybody may know of a sealed row. Times UTC ms; `erased_at` 0: it can be opened."""

    token: str
    source: str
    report: str
    key_id: str
    commitment: str
    sealed_at: int
    erased_at: int
    size: int  # bytes that can be opened; none are left of what was erased


def establish(folder: Path, public: bytes | None = None) -> bytes | None:
    """Make a vault in `folder` and return the custodian's private key, which is not kept.

    None when the vault is there already (a second key would orphan what the first sealed), or when
    a public key is given, whose private one never was here.
    """
    if (folder / PUBLIC).exists():
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = generate_keypair() if public is None else KeyPair(b"", public)
    (folder / INDEX).unlink(missing_ok=True)  # of a beginning that was interrupted
    write_key(folder / INDEX, secrets.token_bytes(KEY_BYTES))
    write_key(folder / PUBLIC, keys.public)  # last: its presence says that the vault is complete
    return keys.private or None


def exists(folder: Path) -> bool:
    return (folder / PUBLIC).exists()


@dataclass(frozen=True)
class Vault:
    """One vault folder. Nothing is read before the first sealing."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> "Vault":
        return cls(folder)

    def seal(self, requests: list[SealRequest]) -> list[str]:
        """A token per request, committed when it returns; the same row gets its old token.

        Raises VaultError where no vault has been established.
        """
        if not requests:
            return []
        public, index = self._key(PUBLIC), self._key(INDEX)
        with vault_file.writing(self.folder / DATABASE) as database:
            sealing = _Sealing(database, public, index)
            return [sealing.token_of(request) for request in requests]

    def unseal(self, private: bytes, token: str) -> tuple[bytes, str]:
        """(what one token stands for, its commitment); the custodian's own act.

        Raises VaultError.
        """
        columns = "source, erased_at, key_id, ephemeral, nonce, ciphertext, commitment"
        with vault_file.reading(self.folder / DATABASE) as database:
            query = f"SELECT {columns} FROM sealed WHERE token = ?"
            found = database.execute(query, (token,)).fetchone()
        if found is None:
            raise VaultError(f"nothing is sealed under {token}; `bihuan vault list` shows what is")
        source, erased_at, key, *content, commitment = found
        if erased_at:
            raise VaultError(f"{token} was erased: nobody can open it any more")
        if key and key != key_id(public_of(private)):
            raise VaultError(f"this key does not open that token, which was sealed for key {key}")
        ephemeral, nonce, ciphertext = content
        box = Box(ephemeral, nonce, ciphertext, commitment, key)
        return opened(box, source, token, private)

    def erase(self, tokens: Iterable[str], at: int) -> None:
        """Destroy what opens these tokens, in the whole file. Erasing again does nothing."""
        with vault_file.writing(self.folder / DATABASE) as database:
            database.executemany(
                "UPDATE sealed SET ephemeral = x'', nonce = x'', ciphertext = x'',"
                " row_digest = 'erased:' || token,"
                " erased_at = CASE WHEN erased_at > 0 THEN erased_at ELSE ? END WHERE token = ?",
                [(at, token) for token in tokens],
            )
        vault_file.scrub(self.folder / DATABASE)

    def discard(self, tokens: Iterable[str]) -> None:
        """Remove rows that nothing points at, and every trace of them in the file."""
        with vault_file.writing(self.folder / DATABASE) as database:
            database.executemany("DELETE FROM sealed WHERE token = ?", [(t,) for t in tokens])
        vault_file.scrub(self.folder / DATABASE)

    def rows(self, source: str = "", number: str = "") -> list[SealedRow]:
        """Sealed rows, the oldest first; of one source, of one report by the source's own number.

        Empty where nothing was ever sealed.
        """
        if number:
            report = _digest(self._key(INDEX), "report", source, number.encode())
            return self._rows("source = ? AND report = ?", source, report)
        return self._rows("source = ?", source) if source else self._rows("1")

    def siblings(self, token: str) -> list[SealedRow]:
        """The rows of the report that a token belongs to, itself among them. Raises VaultError."""
        own = self._rows("token = ?", token)
        if not own:
            raise VaultError(f"nothing is sealed under {token}; `bihuan vault list` shows what is")
        if not own[0].report:  # sealed by a version that did not know reports
            return own
        return self._rows("source = ? AND report = ?", own[0].source, own[0].report)

    def _rows(self, condition: str, *values: str) -> list[SealedRow]:
        if not (self.folder / DATABASE).exists():
            return []
        columns = "token, source, report, key_id, commitment, sealed_at, erased_at"
        query = f"SELECT {columns}, length(ciphertext) FROM sealed WHERE {condition}"
        with vault_file.reading(self.folder / DATABASE) as database:
            return list(
                starmap(SealedRow, database.execute(f"{query} ORDER BY sealed_at, token", values))
            )

    def count(self) -> int:
        return len(self.rows())

    @property
    def key_id(self) -> str:
        """Which of the custodian's keys is sealed for now."""
        return key_id(self._key(PUBLIC))

    def change_key(self, public: bytes) -> None:
        """Seal for another key from now on; what is sealed stays sealed for the one it was."""
        self._key(PUBLIC)
        aside = self.folder / f".{PUBLIC}.{secrets.token_hex(4)}"
        write_key(aside, public)
        aside.replace(self.folder / PUBLIC)

    def _key(self, name: str) -> bytes:
        try:
            key = (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise VaultError(
                f"no vault in {self.folder} ({name} is missing), so reporters cannot be protected"
                " and nothing with reporters is collected; run `bihuan init` to make one"
            ) from None
        if len(key) != KEY_BYTES:
            raise VaultError(f"{self.folder / name} is not a key of 32 bytes; restore it")
        return key


def unseal(folder: Path, private_key: bytes, token: str) -> bytes:
    """What one token stands for. Raises VaultError."""
    return Vault.open(folder).unseal(private_key, token)[0]


@dataclass(frozen=True)
class _Sealing:
    """Rows being sealed in one transaction."""

    database: sqlite3.Connection
    public: bytes
    index: bytes

    def token_of(self, request: SealRequest) -> str:
        row = _digest(self.index, "row", request.source, request.row)
        known = self._known("row_digest = ?", request.source, row)
        if known is not None:
            return known
        report = _digest(self.index, "report", request.source, request.report or request.row)
        erased = self._known("report = ? AND erased_at > 0", request.source, report)
        if erased is not None:
            return erased
        token = secrets.token_hex(TOKEN_BYTES)
        box = sealed(request.cleartext, request.source, token, self.public)
        self.database.execute(
            "INSERT INTO sealed (token, source, row_digest, report, sealed_at, ephemeral, nonce,"
            " ciphertext, commitment, key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (token, request.source, row, report, request.at, *box.columns()),
        )
        return token

    def _known(self, condition: str, source: str, digest: str) -> str | None:
        query = f"SELECT token FROM sealed WHERE source = ? AND {condition} LIMIT 1"
        found = self.database.execute(query, (source, digest)).fetchone()
        return None if found is None else str(found[0])


def _digest(index: bytes, what: str, source: str, content: bytes) -> str:
    """What something is known by; a row's as it always was."""
    kind = b"" if what == "row" else what.encode() + b"\x1f"
    return hmac.new(index, kind + source.encode() + b"\x1f" + content, hashlib.sha256).hexdigest()
