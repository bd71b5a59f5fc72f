"""What an edition is called: its title after its kind, its period and number.

Pure: every file of an edition and the summary of its run take these words from here.
"""

from typing import Any

from schemas.edition import Body, Edition
from tasks.rendering import wording
from tasks.rendering.catalogue import name, text


def county(body: Body, lang: str) -> str:
    said: Any = body["county"]["name"]
    return name(said, lang)


def title(body: Body, lang: str) -> str:
    """周通报, 月晾晒, … of a county."""
    kind = text(f"edition_kind.{body['kind']}", lang)
    return text("bulletin.title", lang, county=county(body, lang), kind=kind)


def issue(edition: Edition, lang: str) -> list[str]:
    """Period, number and, where it is one, that this is a correction."""
    period = wording.period(edition["body"]["period"], lang)
    return [period, number(edition, lang), *_correction(edition, lang)]


def number(edition: Edition, lang: str) -> str:
    """第 n 期, as signing fixed it; a draft has none and says that it is one."""
    signed = edition.get("issue")
    if signed is None:
        return text("bulletin.draft", lang)
    return text("bulletin.issue", lang, n=signed["number"])


def _correction(edition: Edition, lang: str) -> list[str]:
    signed = edition.get("issue")
    if signed and signed["correction"]:
        return [text("bulletin.correction.numbered", lang, n=signed["correction"])]
    return [text("bulletin.correction", lang)] if "revision" in edition else []
