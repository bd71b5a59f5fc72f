"""How a file leaves for the level above: into a drop folder, or to an HTTP endpoint.

Promise: a file is delivered whole or not at all. The key of the message goes with it as
`Idempotency-Key`, the same on every try: whoever receives it twice takes it once. Where a
destination lives is in the home's settings only; no redirection is followed.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import requests

from schemas.settings import UpwardSettings
from tasks.county import County
from tasks.publication import shelf
from tasks.store.outbox import Message

DROP, HTTP = "drop", "http"
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
}


class NotDelivered(Exception):
    """The message waits; the message says why and what to do."""


@dataclass(frozen=True)
class Parcel:
    """A message's file, read back and found unchanged."""

    key: str
    name: str
    content: bytes
    to: UpwardSettings


def drop(county: County, message: Message) -> None:
    """Write aside, then rename into the folder. Again: the same file with the same bytes."""
    parcel = _parcel(county, message)
    folder = parcel.to.folder
    if folder is None:
        raise NotDelivered(_unset(county, message, "folder"))
    aside = folder / f".{parcel.name}.{os.getpid()}.new"
    try:
        with aside.open("wb") as file:
            file.write(parcel.content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(folder / parcel.name)
        shelf.sync(folder)
    except OSError as error:
        raise NotDelivered(
            f"{folder} cannot be written to ({error.strerror}): make the folder, or correct"
            f" [upward.{message.recipient}] in bihuan.toml"
        ) from None


def http(county: County, message: Message) -> None:
    """POST the file; only an answer of 2xx means that it was taken."""
    parcel = _parcel(county, message)
    if parcel.to.url is None:
        raise NotDelivered(_unset(county, message, "url"))
    try:
        answer = _post(parcel, parcel.to.url)
    except requests.RequestException as error:
        raise NotDelivered(
            f"{message.recipient} cannot be reached ({type(error).__name__}): is url of"
            f" [upward.{message.recipient}] right and the receiver up? It is tried again"
        ) from None
    if not 200 <= answer < 300:
        raise NotDelivered(
            f"{message.recipient} answered {answer}; 2xx is expected. It is tried again: ask the"
            " receiver if that goes on"
        )


CHANNELS: dict[str, Callable[[County, Message], None]] = {DROP: drop, HTTP: http}


def _post(parcel: Parcel, url: str) -> int:
    headers = {
        "Idempotency-Key": parcel.key,
        "Content-Type": _TYPES[Path(parcel.name).suffix],
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(parcel.name)}",
    }
    if parcel.to.token:
        headers["Authorization"] = f"Bearer {parcel.to.token.get_secret_value()}"
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no .netrc of whoever runs it
        with session.post(
            url,
            data=parcel.content,
            headers=headers,
            timeout=parcel.to.timeout_seconds,
            allow_redirects=False,
            stream=True,  # what it answers beside the status is not read
        ) as answer:
            return answer.status_code


def _parcel(county: County, message: Message) -> Parcel:
    said = json.loads(message.body)
    settings = county.settings.upward.get(message.recipient)
    if settings is None:
        raise NotDelivered(_unset(county, message, "folder or url"))
    path = county.home / said["file"]
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise NotDelivered(
            f"{path} is missing or not what was made: remove it and run `bihuan {message.kind}`"
            " again"
        )
    return Parcel(message.key, path.name, content, settings)


def _unset(county: County, message: Message, what: str) -> str:
    return (
        f"where {message.recipient} is, is not set: add [upward.{message.recipient}] with {what} to"
        f" {county.home / 'bihuan.toml'}"
    )
