"""The key under which operators' secrets are sealed: a file of the home, not in the store.

Who has the store alone, a dump or a backup of it, has nobody's codes. A sealed secret is bound to
county, operator and enrolment (AES-256-GCM, associated data), so that none can be put into another
row, nor an old one back into its own.
"""

import base64
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_FILE = "operators.key"
_KEY_BYTES, _NONCE_BYTES = 32, 12


class SecretUnreadable(Exception):
    """A sealed secret does not open: the key file is gone, is another, or the row was altered."""


def seal(home: Path, secret: str, *bound: str | int) -> str:
    """A secret as the store keeps it; the key is made where there is none yet."""
    path = home / KEY_FILE
    if not path.exists():
        _make(path)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key(path)).encrypt(nonce, secret.encode(), _bound(bound))
    return base64.b64encode(nonce + sealed).decode()


def unseal(home: Path, sealed: str, *bound: str | int) -> str:
    """The secret again. Raises SecretUnreadable."""
    path = home / KEY_FILE
    try:
        content = base64.b64decode(sealed, validate=True)
        nonce, rest = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
        return AESGCM(_key(path)).decrypt(nonce, rest, _bound(bound)).decode()
    except (InvalidTag, ValueError):
        raise SecretUnreadable(f"{path} is not the key that this was sealed under") from None


def open_to_others(home: Path) -> str:
    """The mode of the key file where others than its owner may touch it, like 0644; else ""."""
    path = home / KEY_FILE
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0
    return f"{mode:04o}" if mode & 0o077 else ""


def _key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        raise SecretUnreadable(f"{path} is missing") from None
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SecretUnreadable(f"{path} is no key of {_KEY_BYTES} bytes")
    return key


def _bound(values: tuple[str | int, ...]) -> bytes:
    return "\x1f".join(map(str, values)).encode()


def _make(path: Path) -> None:
    """Written aside and linked: never half, never over the key of somebody who was faster."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_bytes(_KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
