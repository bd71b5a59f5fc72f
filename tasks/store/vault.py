"""The vault of reporters' identities: collecting can seal, only the custodian can open.

Its own SQLite file, apart from the ledger's. Each row is sealed alone: a fresh X25519 key pair
meets the custodian's public key, HKDF-SHA256 makes the key, AES-256-GCM seals with source and token
as associated data, so that no sealed row can be passed off as another. The private key is never
needed to collect and never kept in a home.

One row of one source is sealed once: it is known by an HMAC of its content under a key that lies
outside the database, so that the file alone cannot be searched for a guessed reporter. Erasing one
sealed row erases one reporter.

    vault = Vault.open(home / "vault")
    tokens = vault.seal([SealRequest("complaints", row=b"…", cleartext=b"…")])
"""

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SCHEMA = """
CREATE TABLE IF NOT EXISTS sealed (
    token TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    row_digest TEXT NOT NULL,
    ephemeral BLOB NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    UNIQUE (source, row_digest)
) STRICT, WITHOUT ROWID
"""
DATABASE, PUBLIC, INDEX = "vault.sqlite", "custodian.pub", "index.key"
PURPOSE = b"bihuan/vault/1"


class VaultError(Exception):
    """The vault cannot seal or open; the text names the file and the next step."""


@dataclass(frozen=True)
class KeyPair:
    """Raw X25519 keys, 32 bytes each. `private` belongs to the custodian, on paper or a token."""

    private: bytes = field(repr=False)
    public: bytes


@dataclass(frozen=True)
class SealRequest:
    """One reporter: the whole row, which identifies it, and what only the custodian sees."""

    source: str
    row: bytes = field(repr=False)
    cleartext: bytes = field(repr=False)


def generate_keypair() -> KeyPair:
    private = X25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def establish(folder: Path) -> bytes | None:
    """Make a vault in `folder` and return the custodian's private key, which is not kept.

    None when the vault is there already: a second key would orphan what the first sealed.
    """
    if (folder / PUBLIC).exists():
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = generate_keypair()
    _write(folder / INDEX, secrets.token_bytes(32))
    _write(folder / PUBLIC, keys.public)  # last: its presence says that the vault is complete
    return keys.private


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
        public = X25519PublicKey.from_public_bytes(self._key(PUBLIC))
        index = self._key(INDEX)
        digests = [_row_digest(index, request) for request in requests]
        with _transaction(self.folder / DATABASE, write=True) as database:
            return [
                _token(database, digest, request, public)
                for digest, request in zip(digests, requests, strict=True)
            ]

    def count(self) -> int:
        with _transaction(self.folder / DATABASE, write=True) as database:
            return int(database.execute("SELECT count(*) FROM sealed").fetchone()[0])

    def _key(self, name: str) -> bytes:
        try:
            key = (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise VaultError(
                f"no vault in {self.folder} ({name} is missing), so reporters cannot be protected"
                " and nothing with reporters is collected; run `bihuan init` to make one"
            ) from None
        if len(key) != 32:
            raise VaultError(f"{self.folder / name} is not a key of 32 bytes; restore it")
        return key


def unseal(folder: Path, private_key: bytes, token: str) -> bytes:
    """What one token stands for; the custodian's own act. Raises VaultError."""
    with _transaction(folder / DATABASE, write=False) as database:
        query = "SELECT source, ephemeral, nonce, ciphertext FROM sealed WHERE token = ?"
        found = database.execute(query, (token,)).fetchone()
    if found is None:
        raise VaultError(f"nothing is sealed under {token}")
    source, ephemeral, nonce, ciphertext = found
    private = X25519PrivateKey.from_private_bytes(private_key)
    shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    try:
        cipher = AESGCM(_derived(shared, token))
        return cipher.decrypt(nonce, ciphertext, _bound(source, token))
    except InvalidTag:
        raise VaultError("this key does not open that token, or the row was altered") from None


def _token(
    database: sqlite3.Connection, digest: str, request: SealRequest, public: X25519PublicKey
) -> str:
    known = database.execute(
        "SELECT token FROM sealed WHERE source = ? AND row_digest = ?", (request.source, digest)
    ).fetchone()
    if known is not None:
        return str(known[0])
    token = secrets.token_hex(16)
    row = (token, request.source, digest, *_sealed(request, token, public))
    database.execute("INSERT INTO sealed VALUES (?, ?, ?, ?, ?, ?)", row)
    return token


def _sealed(
    request: SealRequest, token: str, public: X25519PublicKey
) -> tuple[bytes, bytes, bytes]:
    """(ephemeral public key, nonce, ciphertext)."""
    ephemeral = X25519PrivateKey.generate()
    key = _derived(ephemeral.exchange(public), token)
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, request.cleartext, _bound(request.source, token))
    return ephemeral.public_key().public_bytes_raw(), nonce, sealed


def _derived(shared: bytes, token: str) -> bytes:
    return HKDF(SHA256(), 32, salt=bytes.fromhex(token), info=PURPOSE).derive(shared)


def _bound(source: str, token: str) -> bytes:
    return f"{source}\x1f{token}".encode()


def _row_digest(index: bytes, request: SealRequest) -> str:
    content = request.source.encode() + b"\x1f" + request.row
    return hmac.new(index, content, hashlib.sha256).hexdigest()


@contextmanager
def _transaction(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    if not write and not path.exists():
        raise VaultError(f"{path} does not exist")
    if write and not path.exists():
        _touch(path)
    database = sqlite3.connect(path, timeout=60, isolation_level=None)
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        if write:
            database.execute(SCHEMA)
        yield database
        database.execute("COMMIT")
    finally:
        database.close()  # rolls back what was not committed


def _touch(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _write(path: Path, content: bytes) -> None:
    """Write a key file that only its owner reads, durably and never half."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    temporary.rename(path)
