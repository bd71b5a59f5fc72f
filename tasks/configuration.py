"""Reading what a county edits under `config/<county>`.

That is `{organisation,policy}.yaml`, `sources/*.yaml` and, where it reports upward, `upward.yaml`.

Every fault is told with file, key, reason and what to do; nothing is guessed. The shipped
configuration is found beside the source when installed for editing, inside the wheel otherwise.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.notify import NOBODY, Notify
from schemas.organisation import Organisation
from schemas.policy import Policy
from schemas.source import SourceDeclaration
from schemas.upward import Upward
from tasks.configuration_faults import told

Model = TypeVar("Model", bound=BaseModel)


class ConfigurationError(Exception):
    """A configuration file cannot be used; the message names file, key and reason."""


# Parsed in C where PyYAML was built with it: every command reads the whole configuration first.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_LOADER):  # type: ignore[misc, valid-type]
    """YAML that refuses a key written twice."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is written twice", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@cache
def shipped() -> Path:
    """The folder that holds `config/`, `prefect.yaml` and `tools/` as shipped."""
    beside = Path(__file__).resolve().parent.parent
    # In a source tree they lie beside this package, in an installed wheel in a folder beside it.
    return beside if (beside / "config").is_dir() else beside / "bihuan_data"


def verifier() -> str:
    """The text of the standalone verifier of an exported ledger."""
    return (shipped() / "tools" / "verify_ledger.py").read_text("utf-8")


def read_yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist; run `bihuan init`, or name the folder with BIHUAN_CONFIG_DIR"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not readable YAML: {error}") from error


def read(path: Path, model: type[Model]) -> Model:
    """One file as one model. Raises ConfigurationError: line and key of everything wrong."""
    try:
        return model.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {told(path, model, error)}") from None


def read_sources(folder: Path) -> dict[str, SourceDeclaration]:
    """All declarations of a folder by short name; the file is named like the source."""
    declarations = {}
    for path in sorted(folder.glob("*.yaml")):
        declaration = read(path, SourceDeclaration)
        if declaration.name != path.stem:
            raise ConfigurationError(
                f"{path}: the source calls itself {declaration.name!r}; name both the same"
            )
        declarations[declaration.name] = declaration
    if not declarations:
        raise ConfigurationError(f"{folder} declares no source; put one YAML file per source there")
    return declarations


def read_county(folder: Path) -> tuple[Organisation, Policy, dict[str, SourceDeclaration]]:
    organisation = read(folder / "organisation.yaml", Organisation)
    sources = read_sources(folder / "sources")
    policy = read_policy(folder / "policy.yaml", sources)
    _check_references(folder, organisation, sources)
    return organisation, policy, sources


def read_policy(path: Path, sources: Mapping[str, SourceDeclaration]) -> Policy:
    """A policy of a county with these sources. Raises ConfigurationError."""
    policy = read(path, Policy)
    _check_calendar(path, policy, sources)
    return policy


def read_upward(folder: Path) -> Upward:
    """What is reported upward; the file may be missing."""
    path = folder / "upward.yaml"
    return read(path, Upward) if path.exists() else Upward()


def read_notify(folder: Path) -> Notify:
    """Who is told of what; the file may be missing."""
    path = folder / "notify.yaml"
    return read(path, Notify) if path.exists() else NOBODY


def _check_references(
    folder: Path, organisation: Organisation, sources: dict[str, SourceDeclaration]
) -> None:
    """Wards and tables of codes that a mapping needs are there and can be used."""
    asking = [s for s in sources.values() if s.looks_up()]
    if not asking:
        return
    from tasks.references import ReferenceFault, References

    references = References(folder, organisation)
    for declaration in asking:
        try:
            references.require(declaration)
        except ReferenceFault as error:
            raise ConfigurationError(f"source {declaration.name}: {error}") from None


def _check_calendar(path: Path, policy: Policy, sources: Mapping[str, SourceDeclaration]) -> None:
    owing = {line.source for line in policy.calendar}
    if unknown := sorted(owing - set(sources)):
        raise ConfigurationError(
            f"{path}: calendar names {unknown}, which sources/ does not declare"
        )
    weekly = {name for name, s in sources.items() if s.cadence == "weekly"}
    if absent := sorted(weekly - owing):
        raise ConfigurationError(
            f"{path}: weekly sources {absent} have no line in the calendar, so"
            " nobody would know when they are late"
        )
