"""The message catalogue: every word that people read, once per language, under `messages/*.yaml`.

Promise: a key has wording in every language of LANGUAGES or the catalogue does not load; an
unknown key, language or missing value raises and says so. Codes, logs and JSON keys are English
and are not here. Try: `python -c "from tasks.rendering.catalogue import text; print(text(
'measure.overdue', 'zh'))"`.
"""

import re
from collections.abc import Mapping
from enum import Enum, IntEnum, IntFlag
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from schemas.edition import Bilingual

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "messages"

# libyaml where PyYAML was built with it; both are safe loaders.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class MessageError(LookupError):
    """A key, a language or a placeholder that the catalogue cannot serve."""


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Every message: key → language → template. Read once per process."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        _add(found, yaml.load(path.read_text("utf-8"), _LOADER), path.name)
    return MappingProxyType(found)


def _add(found: dict[str, Mapping[str, str]], file: dict[str, Any], where: str) -> None:
    for key, wording in file.items():
        if key in found:
            raise MessageError(f"{where}: {key!r} is already defined in another file; keep one")
        if not isinstance(wording, dict) or set(wording) != set(LANGUAGES):
            raise MessageError(f"{where}: {key!r} needs exactly the languages {LANGUAGES}")
        found[key] = {lang: str(words) for lang, words in wording.items()}


def text(key: str, lang: str, **values: object) -> str:
    """The wording of `key` in `lang`, placeholders filled from `values`."""
    try:
        template = messages()[key][lang]
    except KeyError:
        raise MessageError(
            f"no wording for {key!r} in {lang!r}: add it to tasks/rendering/messages/*.yaml"
        ) from None
    try:
        return template.format_map(values)
    except KeyError as missing:
        raise MessageError(f"message {key!r} needs a value for {missing}") from None


def known(key: str) -> bool:
    return key in messages()


def word_key(member: Enum) -> str:
    """The catalogue key of an enum member: `state.closed`, `revision_class.R1`."""
    kind = _CAPITAL.sub("_", type(member).__name__).lower()
    value = str(member.name).lower() if isinstance(member, IntEnum | IntFlag) else str(member.value)
    return f"{kind}.{value}"


def word(member: Enum, lang: str) -> str:
    """The wording of a member of `schemas.vocabulary`."""
    return text(word_key(member), lang)


def name(names: Bilingual, lang: str) -> str:
    """A name in the language asked for; names are data and carry every language."""
    return names["zh"] if lang == "zh" else names["en"]
