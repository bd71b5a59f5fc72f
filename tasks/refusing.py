"""A refusal that is told in the reader's language: a reason and its values, and their wording.

class SigningRefused(Refusal): area = "refusal.sign"
raise SigningRefused("no_draft", {"period": "2025-W10"})     # refusal.sign.no_draft

`str` is English, for logs and `--json`; commands show `said` in the language they speak.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from tasks.rendering.catalogue import text


class Refusal(Exception):
    """Not done; `said` says why and what to do, `reason` is its code. A value may be a refusal."""

    area: ClassVar[str] = "refusal"

    def __init__(self, reason: str, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason, dict(values or {}))
        self.reason, self.values = reason, dict(values or {})

    def said(self, lang: str) -> str:
        values = {k: v.said(lang) if isinstance(v, Refusal) else v for k, v in self.values.items()}
        return text(f"{self.area}.{self.reason}", lang, **values)

    def __str__(self) -> str:
        return self.said("en")
