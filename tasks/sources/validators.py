"""Asking "anything new?": ETag and Last-Modified of the last pull, kept inside the cursor's text.

A cursor with validators is `{"asked": [[after, request, etag, modified], …], "at": <the plain
cursor>}`; without any it is the plain cursor. Being part of the cursor they are committed with the
rows they vouch for, so a crash can never leave "nothing new" said of rows that were not taken.

They vouch for a whole pull: every answer of it had one, and the same requests are asked again. A
Last-Modified less than a minute old when it was sent is no validator: its second may not be over.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import orjson

MAX_ASKED = 8  # requests; a longer pull is simply made again
SETTLED_SECONDS = 60


@dataclass(frozen=True)
class Validator:
    """What vouches for one answer: the digest of its request, made after so many rows."""

    after: int
    asked: str
    etag: str
    modified: str

    @property
    def headers(self) -> dict[str, str]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Mark:
    """A cursor and what vouches for the pull that reached it; none if a single answer had none."""

    at: str
    asked: tuple[Validator, ...] = ()

    @classmethod
    def of(cls, cursor: str) -> "Mark":
        if not cursor.startswith('{"asked"'):
            return cls(cursor)
        held = orjson.loads(cursor)
        return cls(held["at"], tuple(Validator(*v) for v in held["asked"]))

    def text(self) -> str:
        if not self.asked or len(self.asked) > MAX_ASKED or not all(v.headers for v in self.asked):
            return self.at
        asked = [[v.after, v.asked, v.etag, v.modified] for v in self.asked]
        return orjson.dumps({"asked": asked, "at": self.at}).decode()


def request_digest(url: str, params: Mapping[str, str]) -> str:
    """16 hex digits that stand for a request; what it holds cannot be read from them."""
    text = orjson.dumps([url, sorted(params.items())])
    return hashlib.sha256(text).hexdigest()[:16]


def unvouched(after: int) -> Validator:
    """Of an answer that says nothing about itself, as of a page past the end."""
    return Validator(after, "", "", "")


def validator(after: int, asked: str, headers: Mapping[str, str]) -> Validator:
    """What an answer's headers vouch with; `headers` of the result are empty for nothing."""
    etag = headers.get("ETag", "")
    return Validator(after, asked, etag, "" if etag else _settled(headers))


def _settled(headers: Mapping[str, str]) -> str:
    modified = headers.get("Last-Modified", "")
    try:
        age = parsedate_to_datetime(headers["Date"]) - parsedate_to_datetime(modified)
    except (KeyError, ValueError, TypeError):
        return ""
    return modified if age.total_seconds() >= SETTLED_SECONDS else ""
