"""A proposed declaration as YAML text, commented in the reader's language; it always loads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.json_schema import MODELINE
from schemas.organisation import Organisation
from schemas.source import SourceDeclaration
from schemas.vocabulary import RecordKind
from tasks.configuration import ConfigurationError
from tasks.rendering.catalogue import text
from tasks.sourcing.guess import Guess, Guesser
from tasks.sourcing.sample import Sample, sample_of


@dataclass(frozen=True)
class Draft:
    """What `source new` wrote: the file, its text, and the fields that wait for a person."""

    path: Path
    text: str
    guesses: list[Guess]
    rows: int

    @property
    def todo(self) -> list[str]:
        return [guess.name for guess in self.guesses if guess.is_todo]


def drafted(
    folder: Path,
    name: str,
    sample: Path,
    record: RecordKind,
    organisation: Organisation,
    place_classes: tuple[str, ...],
    lang: str,
) -> Draft:
    """Guess a source from a sample and write `folder`/sources/<name>.yaml, never over another.

    Raises SampleRefused for a sample that cannot be read, ConfigurationError where the file stands.
    """
    path = folder / "sources" / f"{name}.yaml"
    if path.exists():
        raise ConfigurationError(f"{path} is there already; name another source, or remove it")
    found = sample_of(sample, record)
    guesser = Guesser(found, record, organisation, place_classes)
    guesses = guesser.guesses()
    written = "".join(_lines(name, found, guesser, guesses, lang))
    SourceDeclaration.model_validate(yaml.safe_load(written))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(written)
    return Draft(path, written, guesses, len(found.rows))


def _lines(
    name: str, sample: Sample, guesser: Guesser, guesses: list[Guess], lang: str
) -> Iterator[str]:
    def say(key: str, **values: Any) -> str:
        return text(f"cli.source.why.{key}", lang, **values)

    yield MODELINE
    yield f"# {say('head', file=sample.files[0], rows=len(sample.rows))}\n"
    yield f"name: {name}\n"
    yield f"title: {{zh: {name}, en: {name}}}  # TODO {say('title')}\n"
    yield f"owner: {{zh: TODO, en: TODO}}  # TODO {say('owner')}\n"
    yield f"connector:  # {say('connector', files=len(sample.files))}\n"
    for key, value in sample.connector.items():
        note = f"  # TODO {say('path')}" if value == "/TODO" else ""
        yield f"  {key}: {_flow(value)}{note}\n"
    if sample.encoding:
        yield f"  # {say('encoding', encoding=sample.encoding)}\n"
    weekly = "(?P<period>" in str(sample.connector.get("name"))
    note = f"  # TODO {say('weekly')}" if weekly else ""
    yield f"cadence: continuous{note}\n"
    yield f"closing: never  # TODO {say('closing')}\n"
    if reporters := guesser.reporters():
        yield f"reporter_fields: {_flow(reporters)}  # {say('reporters')}\n"
    yield f"records:\n  - record: {guesser.record.value}\n    fields:\n"
    for guess in guesses:
        todo = "TODO " if guess.is_todo else ""
        comment = say(guess.why, **guess.said)
        yield f"      {guess.name}: {_flow(guess.spec)}  # {todo}{comment}\n"
    if unused := guesser.unused(guesses):
        yield f"# {say('unused', columns=', '.join(unused))}\n"


def _flow(value: Any) -> str:
    """A value on one line."""
    written = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000
    )
    return written.removesuffix("\n").removesuffix("\n...")
