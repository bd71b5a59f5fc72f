"""Reporting upward 报送: files in a declared layout from a published edition, sent once.

export(county, EditionKind.STATUTORY, "2025-05", now)

Promise: a file follows the latest published edition of its period, and its bytes are a function of
that edition and the layout. It leaves through the outbox with the key
`upward:NAME:KIND:PERIOD:EDITION`; running again sends only what still waits. Nothing of who
reported a hazard and no description is in any file.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

from rules.kinds import period_of
from rules.seal import canonical
from schemas.upward import Export
from schemas.vocabulary import EditionKind
from tasks.county import County
from tasks.posting import deliver
from tasks.publication import archive, shelf
from tasks.rendering.upward import written
from tasks.store import outbox
from tasks.store.editions import Published
from tasks.store.engine import reading, writing
from tasks.store.lease import hold
from tasks.store.outbox import Message
from tasks.upward_rows import rows_of


class UpwardRefused(Exception):
    """Nothing was made or sent; the message says why and what to do."""


@dataclass(frozen=True)
class Report:
    """The stable keys of `bihuan upward --json`, one per file.

    file: relative to the home. state: "made" (dry run, nothing written), "sent", "known" (left
    before), "waiting" and why.
    """

    name: str
    key: str
    edition: int
    file: str
    sha256: str
    rows: int
    channel: str
    destination: str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Made:
    """A file that is ready to leave; `path` is relative to the home."""

    export: Export
    key: str
    path: Path
    content: bytes
    rows: int


def export(
    county: County,
    kind: EditionKind,
    period: str,
    now: int,
    *,
    name: str = "",
    dry_run: bool = False,
) -> list[Report]:
    """Make and send what follows the latest edition of a period. Raises UpwardRefused."""
    chosen = _chosen(county, kind, name)
    published = _published(county, kind, period)
    files = [_made(county, one, published) for one in chosen]
    if dry_run:
        return [_report(made, published, "made") for made in files]
    with hold(county.engine, county.code, f"upward:{kind}:{period}"):
        return _sent(county, published, files, now)


def _chosen(county: County, kind: EditionKind, name: str) -> list[Export]:
    every = county.upward.exports
    found = [e for e in every if e.kind is kind and name in ("", e.name)]
    if not found:
        known = ", ".join(f"{e.name} ({e.kind.value})" for e in every) or "none"
        asked = f"{name!r}, following {kind.value}" if name else f"that follows {kind.value}"
        raise UpwardRefused(
            f"upward.yaml declares no export {asked}; there is: {known}. Add one, or name another"
        )
    return found


def _published(county: County, kind: EditionKind, code: str) -> Published:
    try:
        period = period_of(kind, code, county.zone)
    except ValueError as error:
        raise UpwardRefused(str(error)) from None
    with reading(county.engine) as connection:
        found = archive.latest(connection, county.code, period)
    if found is None:
        raise UpwardRefused(
            f"{kind.value} {period.code} is not published: run `bihuan bulletin {kind.value}"
            f" --period {period.code}` (and sign it, where policy wants that), then again"
        )
    return found


def _made(county: County, one: Export, published: Published) -> Made:
    edition = archive.document(county, published)
    rows = rows_of(county, one, published, edition)
    content = written(one.format, dict(one.columns), rows, edition["body"]["last_day"])
    key = f"upward:{one.name}:{published.kind}:{published.period}:{published.number}"
    said = {"name": one.name, "kind": published.kind, "period": published.period}
    place = county.organisation.name.zh
    name = one.filename.format(**said, county=place, edition=published.number)
    folder = Path("upward") / one.name / published.kind / published.period / str(published.number)
    return Made(one, key, folder / name, content, len(rows))


def _entered(county: County, published: Published, files: list[Made], now: int) -> None:
    """Files first, then their messages: a crash in between leaves a file nobody waits for."""
    for made in files:
        shelf.put(county.home, made.path.parent, {made.path.name: made.content})
    with writing(county.engine) as connection:
        for made in files:
            outbox.enter(connection, county.code, _message(made), now, published.seq)
        connection.commit()


def _message(made: Made) -> Message:
    export = made.export
    said = {"key": made.key, "file": made.path.as_posix(), "sha256": _digest(made)}
    body = canonical(said | {"what": export.what}).decode()
    return Message(made.key, export.channel, export.destination, "upward", body)


def _sent(county: County, published: Published, files: list[Made], now: int) -> list[Report]:
    """What left before is left alone; the rest is entered and sent, or waits."""
    with reading(county.engine) as connection:
        before = outbox.left(connection, county.code, [made.key for made in files])
    new = [made for made in files if made.key not in before]
    _entered(county, published, new, now)
    told = deliver(county, [_message(made) for made in new], now)
    state = {key: "waiting" if reason else "sent" for key, reason in told.items()}
    reports = [_report(made, published, state.get(made.key, "")) for made in files]
    return [
        _known(one, before[one.key]) if one.key in before else replace(one, reason=told[one.key])
        for one in reports
    ]


def _known(one: Report, body: str) -> Report:
    """As it left; another layout since then does not send it again."""
    then = str(json.loads(body)["sha256"])
    changed = "the layout has changed since: the next edition goes out in the new one"
    reason = changed if then != one.sha256 else ""
    return replace(one, state="known", sha256=then, reason=reason)


def _report(made: Made, published: Published, state: str) -> Report:
    return Report(
        name=made.export.name,
        key=made.key,
        edition=published.number,
        file=made.path.as_posix(),
        sha256=_digest(made),
        rows=made.rows,
        channel=made.export.channel,
        destination=made.export.destination,
        state=state,
    )


def _digest(made: Made) -> str:
    return hashlib.sha256(made.content).hexdigest()
