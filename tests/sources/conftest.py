"""Requests to connectors, against servers, files and databases that really exist."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.settings import SourceSettings
from schemas.source import SourceDeclaration
from tasks.sources.base import PullRequest

NOW = 1_741_564_800_000  # 2025-03-10T00:00:00Z

Ask = Callable[..., PullRequest]


@pytest.fixture
def ask() -> Ask:
    """ask(connector={…}, cursor="", now=…, **settings) → PullRequest of a source called `feed`."""

    def build(connector: dict[str, Any], cursor: str = "", now: int = NOW, **settings: Any) -> Any:
        field = {"const": "x"}
        update = {"source_id": field, "finding_id": field, "event": field, "happened_at": field}
        declaration = SourceDeclaration.model_validate(
            {
                "name": "feed",
                "title": {"zh": "来源", "en": "Feed"},
                "owner": {"zh": "某局", "en": "Some bureau"},
                "cadence": "continuous",
                "connector": connector,
                "records": [{"record": "update", "fields": update}],
            }
        )
        settings.setdefault("timeout_seconds", 5)
        return PullRequest(declaration, SourceSettings(**settings), cursor, now)

    return build
