"""Seals and what is proved with them: the files that leave the office, in their written format.

A seal says that the first `size` events of a county's ledger have this Merkle root and end in this
hash. Whoever holds its file can tell later whether any of them was touched. The formats are written
down in docs/ledger-format.md; a change of one gets a new name in `format`.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.events import HASHED_COLUMNS

LEDGER_FORMAT = "bihuan-ledger/1"
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
CountyCode = Annotated[str, Field(pattern=r"^\d{6}$")]


@dataclass(frozen=True)
class Seal:
    """What one seal says; made_at: UTC ms."""

    county: str
    size: int
    root: str
    head: str
    made_at: int


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Before(_File):
    """The seal before this one."""

    size: int = Field(ge=1)
    root: Digest


class SealFile(_File):
    """`consistency` proves that the tree of `previous` is the beginning of this one."""

    format: Literal["bihuan-seal/1"] = "bihuan-seal/1"
    county: CountyCode
    size: int = Field(ge=1)
    root: Digest
    head: Digest
    made_at: int
    previous: Before | None
    consistency: list[Digest]

    @property
    def seal(self) -> Seal:
        return Seal(self.county, self.size, self.root, self.head, self.made_at)


class ProofFile(_File):
    """One event and its audit path to the root of the tree of the first `size` events."""

    format: Literal["bihuan-proof/1"] = "bihuan-proof/1"
    county: CountyCode
    event: Annotated[
        list[str | int], Field(min_length=len(HASHED_COLUMNS), max_length=len(HASHED_COLUMNS))
    ]
    prev_hash: Digest
    hash: Digest
    size: int = Field(ge=1)
    root: Digest
    path: list[Digest]
