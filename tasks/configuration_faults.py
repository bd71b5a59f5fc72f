"""What is wrong with a configuration file: line, path, reason, and the known name that is meant.

The known names come from the model's JSON Schema, so a key that is added to a model is known here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from schemas.source import nearest

Schema = dict[str, Any]
Loc = tuple[int | str, ...]


def told(path: Path, model: type[BaseModel], error: ValidationError) -> str:
    """All faults of a file as one text: `line 12 records[0].fields.found_at.tiem: …; …`."""
    tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    root = model.model_json_schema(by_alias=True)
    found = error.errors()
    inner = {e["loc"][:depth] for e in found for depth in range(1, len(e["loc"]))}
    # A list that is too short because its items are wrong is told by its items.
    telling = [e for e in found if e["loc"] not in inner]
    return "; ".join(_fault(root, tree, e["loc"], e["type"], e["msg"]) for e in telling)


def _fault(root: Schema, tree: yaml.Node | None, loc: Loc, kind: str, message: str) -> str:
    steps, line = _written(tree, loc, is_key=kind == "extra_forbidden")
    where = f"line {line} {_dotted(steps) or 'the file'}"
    if kind == "missing":
        return f"{where} lacks the key {str(loc[-1])!r}: write it there"
    if kind != "extra_forbidden":
        return f"{where}: {message}"
    known = sorted(_known(root, loc[:-1]))
    near = nearest(str(loc[-1]), known)
    hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    return f"{where}: no such key; {hint}"


def _written(tree: yaml.Node | None, loc: Loc, *, is_key: bool) -> tuple[list[int | str], int]:
    """The steps of `loc` that stand in the file (tags of a union do not), and the line there."""
    steps: list[int | str] = []
    line = tree.start_mark.line + 1 if tree else 1
    for position, step in enumerate(loc):
        found = _below(tree, step)
        if found is None and not (is_key and position == len(loc) - 1):
            continue
        steps.append(step)
        if found is not None:
            tree, line = found
    return steps, line


def _below(node: yaml.Node | None, step: int | str) -> tuple[yaml.Node, int] | None:
    """(the value, the line of its key) one step further."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return value, key.start_mark.line + 1
    return None


def _dotted(steps: list[int | str]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def _known(root: Schema, loc: Loc) -> set[str]:
    """Every key that the model has at `loc`; the branches of a union together."""
    schemas = list(_branches(root, root))
    for step in loc:
        schemas = list(_inside(root, schemas, step)) or _tagged(schemas, step)
    return {name for schema in schemas for name in schema.get("properties", {})}


def _inside(root: Schema, schemas: list[Schema], step: int | str) -> Iterator[Schema]:
    for schema in schemas:
        if isinstance(step, int):
            found = schema.get("items")
        else:
            found = schema.get("properties", {}).get(step) or schema.get("additionalProperties")
        if isinstance(found, dict):
            yield from _branches(root, found)


def _tagged(schemas: list[Schema], step: int | str) -> list[Schema]:
    """The branch whose `type` is this tag; all of them where the step is no tag."""
    own = [s for s in schemas if s.get("properties", {}).get("type", {}).get("const") == step]
    return own or schemas


def _branches(root: Schema, schema: Schema) -> Iterator[Schema]:
    if "$ref" in schema:
        yield from _branches(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
        return
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    for each in inner:
        yield from _branches(root, each)
    if not inner:
        yield schema
