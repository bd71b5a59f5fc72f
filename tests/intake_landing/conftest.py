"""Deliveries landed in a real folder, with a real vault beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.source import SourceDeclaration
from tasks.intake.landing import Delivery, land
from tasks.sources.base import Media, Part, Pulled
from tasks.store.vault import Vault, establish

COUNTY = "999001"
CONNECTORS = {
    "workbook": {"type": "workbook", "name": ".*"},
    "http_json": {"type": "http_json", "path": "/feed"},
    "open311": {"type": "open311"},
    "table": {"type": "table", "view": "v", "cursor_column": "c", "order_column": "c"},
}


def declared(connector: str | dict[str, Any], *reporter_fields: str) -> SourceDeclaration:
    """A source `feed` that maps `id`, `unit`, `what` and `when`."""
    fields = {"source_id": "id", "finding_id": "unit", "event": "what", "happened_at": "when"}
    return SourceDeclaration.model_validate(
        {
            "name": "feed",
            "title": {"zh": "来源", "en": "Feed"},
            "owner": {"zh": "某局", "en": "Some bureau"},
            "cadence": "continuous",
            "connector": CONNECTORS[connector] if isinstance(connector, str) else connector,
            "reporter_fields": reporter_fields,
            "records": [{"record": "update", "fields": fields}],
        }
    )


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing" / COUNTY


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path / "vault")


@pytest.fixture
def private_key(vault: Vault) -> bytes:
    """The custodian's key of `vault`, which this makes."""
    key = establish(vault.folder)
    assert key is not None
    return key


Put = Callable[..., Delivery]


@pytest.fixture
def declare() -> Callable[..., SourceDeclaration]:
    return declared


@pytest.fixture
def put(landing: Path, vault: Vault) -> Put:
    """put(declaration, media, *contents, …) lands one delivery."""

    def do(
        declaration: SourceDeclaration,
        media: Media,
        *contents: bytes,
        received_at: int = 1,
        nil_return: bool = False,
        unit: str = "feed",
        period: str | None = None,
        names: str = "part",
    ) -> Delivery:
        parts = tuple(Part(f"{names}-{n}", c) for n, c in enumerate(contents, 1))
        pulled = Pulled(parts, media, unit, period, "cursor", nil_return)
        return land(landing, declaration, pulled, received_at, 0, vault.seal)

    return do
