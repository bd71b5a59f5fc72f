"""A fresh home whose county has only the sources that a test writes into it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from flows.cli.homes import make_home
from schemas.settings import Settings
from tasks.county import County, open_county
from tasks.store.engine import reading

NOW = 1_741_600_000_000  # 2025-03-10 in Shanghai


@dataclass(frozen=True)
class Fresh:
    """A home with the shipped organisation and policy, and no source."""

    home: Path

    @classmethod
    def make(cls, folder: Path) -> "Fresh":
        make_home(folder, "cixi", copy_config=True)
        fresh = cls(folder)
        for path in fresh.sources.glob("*.yaml"):
            path.unlink()
        policy = fresh.sources.parent / "policy.yaml"
        said = yaml.safe_load(policy.read_text("utf-8")) | {"calendar": []}
        policy.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
        return fresh

    @property
    def sources(self) -> Path:
        return self.home / "config" / "cixi" / "sources"

    def declare(self, name: str, text: str) -> None:
        """Write, or mend, a source; its folder is HOME/drop/<name>."""
        (self.home / "drop" / name).mkdir(parents=True, exist_ok=True)
        known = (self.sources / f"{name}.yaml").exists()
        (self.sources / f"{name}.yaml").write_text(text, "utf-8")
        if not known:
            with (self.home / "bihuan.toml").open("a", encoding="utf-8") as toml:
                toml.write(f'\n[sources.{name}]\nfolder = "{self.home / "drop" / name}"\n')

    def drop(self, name: str, file: str, rows: Sequence[dict[str, str]]) -> Path:
        path = self.home / "drop" / name / file
        write(path, rows)
        return path

    def county(self) -> County:
        """The county as it is configured now."""
        return open_county(Settings.load(self.home))

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with reading(self.county().engine) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(text)]


def write(path: Path, rows: Sequence[dict[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
