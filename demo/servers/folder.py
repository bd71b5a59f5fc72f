"""The drop folder of the weekly grid ledgers, a real folder with real files.

Promise: a file appears whole (written aside, then renamed) when its town drops it. A faulty
ledger is put right when the folder heals, as a town would send it again.
"""

import io
import zipfile
from pathlib import Path

from demo.ledgers import Ledger, Ledgers
from demo.servers.faults import Fault


class DropFolder:
    """One folder for all towns."""

    def __init__(self, ledgers: Ledgers, path: Path) -> None:
        self.ledgers, self.path = ledgers, path
        self.fault: Fault | None = None
        self._spoilt: list[Ledger] = []

    def create(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)

    def drop(self, after: int, until: int) -> list[Path]:
        """Write the ledgers dropped in (after, until]."""
        return [self._put(ledger) for ledger in self.ledgers.all(after, until)]

    def _put(self, ledger: Ledger) -> Path:
        content = ledger.content
        if self.fault in ("empty", "renamed_column") and ledger.rows:
            self._spoilt.append(ledger)
            content = b"" if self.fault == "empty" else _renamed(ledger)
        folder = self._away if self._away.exists() else self.path
        target = folder / ledger.name
        aside = folder / f".{ledger.name}.part"
        aside.write_bytes(content)
        return aside.rename(target)

    @property
    def _away(self) -> Path:
        return self.path.with_name(self.path.name + ".away")

    def break_(self, fault: Fault) -> None:
        """down, hang, html: the folder is gone; else what is dropped from now on is faulty."""
        self.fault = fault
        if fault in ("down", "hang", "html") and self.path.exists():
            self.path.rename(self._away)

    def heal(self) -> None:
        self.fault = None
        if self._away.exists():
            self._away.rename(self.path)
        spoilt, self._spoilt = self._spoilt, []
        for ledger in spoilt:
            self._put(ledger)


def _renamed(ledger: Ledger) -> bytes:
    """The town renamed the column of the hazard's description."""
    if ledger.media == "csv":
        return ledger.content.replace("隐患描述".encode("gb18030"), "问题描述".encode("gb18030"), 1)
    return _renamed_xlsx(ledger.content)


def _renamed_xlsx(content: bytes) -> bytes:
    """Shared strings are plain text inside the zip: rewritten with the other heading."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, data.replace("隐患描述".encode(), "问题描述".encode()))
    return out.getvalue()
