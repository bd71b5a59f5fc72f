"""Keys of the vault, and how one clear text is sealed for the custodian.

A fresh X25519 key pair meets the custodian's public key, HKDF-SHA256 makes the key, AES-256-GCM
seals, with source and token as associated data, so that no sealed row can be passed off as another.
In front of the clear text a salt is sealed: SHA-256 of salt and clear text is the row's commitment,
which says nothing to who has not opened the row, and nothing to anybody once the row is destroyed.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"bihuan/vault/1"
KEY_BYTES = SALT_BYTES = 32


class VaultError(Exception):
    """The vault cannot seal or open; the text names the file and the next step."""


@dataclass(frozen=True)
class KeyPair:
    """Raw X25519 keys, 32 bytes each. `private` belongs to the custodian, on paper or a token."""

    private: bytes = field(repr=False)
    public: bytes


@dataclass(frozen=True)
class Box:
    """One sealed clear text, its commitment, and which of the custodian's keys it is for."""

    ephemeral: bytes
    nonce: bytes
    ciphertext: bytes
    commitment: str
    key_id: str

    def columns(self) -> tuple[bytes, bytes, bytes, str, str]:
        return self.ephemeral, self.nonce, self.ciphertext, self.commitment, self.key_id


def generate_keypair() -> KeyPair:
    private = X25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def key_id(public: bytes) -> str:
    """The short name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sealed(cleartext: bytes, source: str, token: str, public: bytes) -> Box:
    """A clear text that the holder of the private key to `public` can open, nobody else."""
    ephemeral, salt = X25519PrivateKey.generate(), secrets.token_bytes(SALT_BYTES)
    key = _derived(ephemeral.exchange(X25519PublicKey.from_public_bytes(public)), token)
    nonce = os.urandom(12)
    content = AESGCM(key).encrypt(nonce, salt + cleartext, _bound(source, token))
    own = ephemeral.public_key().public_bytes_raw()
    return Box(own, nonce, content, commitment(salt, cleartext), key_id(public))


def opened(box: Box, source: str, token: str, private: bytes) -> tuple[bytes, str]:
    """(clear text, its commitment; "" where it was sealed without a salt). Raises VaultError."""
    shared = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(box.ephemeral)
    )
    try:
        cipher = AESGCM(_derived(shared, token))
        content = cipher.decrypt(box.nonce, box.ciphertext, _bound(source, token))
    except InvalidTag:
        raise VaultError("this key does not open that token, or the row was altered") from None
    if not box.commitment:  # sealed by a version that made none
        return content, ""
    salt, cleartext = content[:SALT_BYTES], content[SALT_BYTES:]
    return cleartext, commitment(salt, cleartext)


def commitment(salt: bytes, cleartext: bytes) -> str:
    return hashlib.sha256(salt + cleartext).hexdigest()


def read_key(path: Path) -> bytes:
    """A private key from its file: 64 hex digits. Raises VaultError."""
    try:
        text = path.expanduser().read_text("ascii").strip()
        key = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        why = type(error).__name__
        raise VaultError(f"{path} cannot be read as a key of 64 hex digits ({why})") from None
    if len(key) != KEY_BYTES:
        raise VaultError(
            f"{path} holds {len(key)} bytes, a key has {KEY_BYTES}; take the right file"
        )
    return key


def write_key(path: Path, content: bytes) -> None:
    """Write a key file that only its owner reads, durably, never half, and over no other.

    Raises VaultError where a file of that name is there already, or none can be written.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if path.exists():
        raise VaultError(f"{path} is there already; name another file, no key is written over")
    try:
        handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            os.write(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        aside.rename(path)
    except OSError as error:
        raise VaultError(
            f"{path} cannot be written ({type(error).__name__}); name another"
        ) from None


def _derived(shared: bytes, token: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=bytes.fromhex(token), info=PURPOSE).derive(shared)


def _bound(source: str, token: str) -> bytes:
    return f"{source}\x1f{token}".encode()
