"""Which connector pulls a declared source. Connectors are imported when they are first needed."""

from collections.abc import Callable, Iterator
from importlib import import_module

from schemas.source import SourceDeclaration
from tasks.sources.base import Pulled, PullRequest

CONNECTORS = ("http_json", "open311", "snapshot", "workbook", "table")


def puller(declaration: SourceDeclaration) -> Callable[[PullRequest], Iterator[Pulled]]:
    """`pull` of the connector that the declaration names."""
    kind = declaration.connector.type
    assert kind in CONNECTORS
    found: Callable[[PullRequest], Iterator[Pulled]] = import_module(f"tasks.sources.{kind}").pull
    return found
