"""A tiny county whose findings tell who reported them, and a custodian with people to approve."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.product import COUNTY
from schemas.period import HOUR_MS
from schemas.records import FINDING
from tasks.county import County
from tasks.store import vault
from tasks.store.vault_keys import generate_keypair
from tasks.vaulting import Order
from tests.operators.people import ACTOR, LI, NOW, Device
from tests.store.tiny import Row, Tiny, finding

NAME, PHONE = "金丝雀赵虚构", "13900007391"
FIELDS = ["reporter", "phone"]
PURPOSE = "案件移送，经负责人批准核实举报来源"


@dataclass(frozen=True)
class Reported:
    """The county, its vault's private key, and a leader's device."""

    tiny: Tiny
    private: bytes
    li: Device

    @property
    def county(self) -> County:
        return self.tiny.county

    def report(self, *rows: Row, at: int = 1, name: str = "") -> Any:
        """Drop a file of reports and collect it."""
        drop(self.tiny, *rows, name=name)
        return self.tiny.collect("findings", NOW + at * HOUR_MS)

    def tokens(self, number: str = "") -> list[str]:
        rows = self.county.vault.rows("findings", number) if number else self.county.vault.rows()
        return [row.token for row in rows]

    def order(self, step: int = 0, reason: str = PURPOSE, actor: str = ACTOR) -> Order:
        """What the leader approves, with the code of so many steps on."""
        return Order(reason, actor, LI, self.li.shows(NOW, step))

    def said(self, token: str = "") -> list[tuple[Any, ...]]:
        """stream, kind, actor and payload of vault events, in order."""
        only = f"AND stream_id = 'vault:{token}'" if token else ""
        return self.tiny.query(
            "SELECT stream_id, kind, actor, payload FROM event"
            f" WHERE stream_kind = 'vault' {only} ORDER BY seq"
        )


def with_reporters(tiny: Tiny, folder: Path, **more: Any) -> tuple[Tiny, bytes]:
    """The same county, declared to have reporters, with a vault whose key is known."""
    path = folder / "config" / COUNTY / "sources" / "findings.yaml"
    told = yaml.safe_load(path.read_text("utf-8")) | {"reporter_fields": FIELDS} | more
    path.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    keys = generate_keypair()
    for file in (folder / "home" / "vault").iterdir():
        file.unlink()
    vault.establish(folder / "home" / "vault", keys.public)
    return tiny.opened(folder), keys.private


def reported(source_id: str, **fields: str) -> Row:
    """A finding with every column, and who reported it."""
    row = dict.fromkeys(FINDING.names, "") | finding(source_id)
    return row | {"reporter": NAME, "phone": PHONE} | fields


def drop(tiny: Tiny, *rows: Row, name: str = "") -> Path:
    folder = tiny.folder("findings")
    path = folder / (name or f"{len(list(folder.iterdir())):03d}-findings.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
