"""What every run form is: closed, named by the message catalogue, its closed choices drop-downs.

class SealForm(Form): note: Annotated[str, said("seal.note")] = ""
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import CoreSchema

from flows.choices import LANG, Choices
from tasks.rendering.catalogue import known, text


def said(key: str, **rules: Any) -> Any:
    """A field's title, hint and bounds; the wording is `form.<key>` and `form.<key>.hint`."""
    hint = f"form.{key}.hint"
    described = text(hint, LANG) if known(hint) else None
    return Field(title=text(f"form.{key}", LANG), description=described, **rules)


class Form(BaseModel):
    """Closed: an unknown key is refused, and an error never repeats what was typed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def shown(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as the form shows them: codes by their names."""
        return {name: _named(cls, name, value) for name, value in values.items()}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        made = handler(schema)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, described in properties.items():
            if "default" in described:
                described["default"] = _named(cls, name, described["default"])
            if described.get("format") == "date" and not described.get("default"):
                described.pop("default", None)  # a date picker takes no blank
        return dict(made)


def _named(form: type[Form], field: str, value: Any) -> Any:
    declared = form.model_fields[field]
    found = _choices(declared.metadata) or _choices(_of_items(declared.annotation))
    if found is None:
        return value
    return [found.name(v) for v in value] if isinstance(value, list) else found.name(value)


def _choices(metadata: Any) -> Choices | None:
    return next((m for m in metadata if isinstance(m, Choices)), None)


def _of_items(annotation: Any) -> tuple[Any, ...]:
    """The metadata of a list's items."""
    items = getattr(annotation, "__args__", ())
    return tuple(getattr(items[0], "__metadata__", ())) if items else ()


# A day that may be left out: a date picker; whoever reads it refuses what is no day, in words.
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
DryRun = Annotated[bool, said("dry_run")]
