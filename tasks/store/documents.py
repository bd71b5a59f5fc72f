"""What a county decides, kept by digest and adopted by ledger events.

Policies, organisations and source declarations are part of what explains a figure: the text lies
in `document`, and an event says from which point of the ledger on it is in force.
"""

import json
from typing import Any

import orjson
import pandas as pd
from pydantic import BaseModel
from sqlalchemy import Connection, select

from rules.seal import canonical, digest
from schemas.policy import Policy
from schemas.tables import document, event
from schemas.vocabulary import StreamKind
from tasks.county import County
from tasks.store import ledger
from tasks.store.engine import reading, writing

ADOPTED = "adopted"


def adopt(county: County, now: int, actor: str = "configuration") -> int:
    """Adopt what changed in the configuration since the ledger last saw it; events appended."""
    return ledger.settled(lambda: _adopt(county, now, actor))


def _adopt(county: County, now: int, actor: str) -> int:
    with reading(county.engine) as connection:
        head = ledger.read_head(connection, county.code)
        changed = [
            (kind, name, model)
            for kind, name, model in _documents(county)
            if digest(_content(model)) != _in_force(connection, county.code, kind, name)[0]
        ]
        drafts = [_draft(connection, county, *each, now=now, actor=actor) for each in changed]
    if not drafts:
        return 0
    with writing(county.engine) as connection:
        for kind, name, model in changed:
            _store(connection, county.code, kind, name, model)
        ledger.append(
            connection, county.code, head, pd.DataFrame(drafts), ledger.Stamp(now, now, "")
        )
        connection.commit()
    return len(drafts)


def policy_at(connection: Connection, county: str, policy_hash: str) -> Policy:
    """A policy that was in force once, by its digest."""
    text = connection.execute(
        select(document.c.text).where(document.c.county == county, document.c.digest == policy_hash)
    ).scalar_one()
    return Policy.model_validate_json(text)


def in_force_at(connection: Connection, county: str, seq: int) -> dict[tuple[StreamKind, str], str]:
    """(kind, name) → text of every document as adopted last up to event `seq`."""
    adopted = (
        select(event.c.stream_kind, event.c.payload)
        .where(event.c.county == county, event.c.seq <= seq, event.c.kind == ADOPTED)
        .order_by(event.c.seq)
    )
    marks: dict[tuple[StreamKind, str], str] = {}
    for row in connection.execute(adopted):
        said = orjson.loads(row.payload)
        marks[StreamKind(row.stream_kind), said["name"]] = said["digest"]
    known = select(document.c.digest, document.c.text).where(document.c.county == county)
    texts = {row.digest: row.text for row in connection.execute(known)}
    return {key: texts[mark] for key, mark in marks.items()}


def _documents(county: County) -> list[tuple[StreamKind, str, BaseModel]]:
    sources = [(StreamKind.SOURCE, name, s) for name, s in sorted(county.sources.items())]
    beside = [
        (StreamKind.ORGANISATION, r.name, r)
        for r in county.references.texts(county.sources.values())
    ]
    return [
        (StreamKind.POLICY, "policy", county.policy),
        (StreamKind.ORGANISATION, "organisation", county.organisation),
        *beside,
        *sources,
        *([(StreamKind.POLICY, "upward", county.upward)] if county.upward.exports else []),
    ]


def _content(model: BaseModel) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(model.model_dump_json(by_alias=True))
    return content


def _in_force(connection: Connection, county: str, kind: str, name: str) -> tuple[str, int]:
    """(digest, version) of what was adopted last, ("", 0) before the first."""
    query = (
        select(event.c.payload, event.c.version)
        .where(event.c.county == county, event.c.stream_id == f"{kind}:{name}")
        .order_by(event.c.version.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return (str(orjson.loads(row.payload)["digest"]), int(row.version)) if row else ("", 0)


def _draft(
    connection: Connection,
    county: County,
    kind: StreamKind,
    name: str,
    model: BaseModel,
    *,
    now: int,
    actor: str,
) -> dict[str, Any]:
    mark = digest(_content(model))
    version = _in_force(connection, county.code, kind, name)[1]
    return {
        "stream_id": f"{kind}:{name}",
        "stream_kind": kind.value,
        "kind": ADOPTED,
        "claimed_at": now,
        "sent_at": now,
        "received_at": now,
        "file_by": now,
        "actor": actor,
        "source": "configuration",
        "record": kind.value,
        "source_id": f"{kind}:{name}:{version + 1}",
        "row_digest": mark[:16],
        "delivery": "",
        "payload": canonical({"digest": mark, "name": name}).decode(),
        "base_version": version,
    }


def _store(
    connection: Connection, county: str, kind: StreamKind, name: str, model: BaseModel
) -> None:
    content = _content(model)
    known = select(document.c.digest).where(
        document.c.county == county, document.c.digest == digest(content)
    )
    if connection.execute(known).first() is None:
        connection.execute(
            document.insert().values(
                county=county,
                digest=digest(content),
                kind=kind.value,
                name=name,
                text=canonical(content).decode(),
            )
        )
