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
    kind = text(f"bulletin.kind.{body['kind']}", lang)
    return text("bulletin.title", lang, county=county(body, lang), kind=kind)


def issue(edition: Edition, lang: str) -> list[str]:
    """Period, number and, where it is one, that this is a correction.

    The number is the one that signing fixed, else that of the edition of its period.
    """
    period = wording.period(edition["body"]["period"], lang)
    signed = edition.get("issue")
    number = signed["number"] if signed else edition["edition"]
    return [period, text("bulletin.issue", lang, n=number), *_correction(edition, lang)]


def _correction(edition: Edition, lang: str) -> list[str]:
    signed = edition.get("issue")
    if signed and signed["correction"]:
        return [text("bulletin.correction.numbered", lang, n=signed["correction"])]
    return [text("bulletin.correction", lang)] if "revision" in edition else []
