"""A list of hazards as a file for a spreadsheet, with the filters of the list.

export(county, Request(overdue=True), Path("overdue.xlsx"), now, "zh")
"""

from pathlib import Path

from tasks.county import County
from tasks.hazard_events import Zone
from tasks.hazard_lists import Request, streamed
from tasks.rendering import wording
from tasks.rendering.catalogue import text
from tasks.rendering.hazard_table import Language, write_csv, write_xlsx

KINDS = (".xlsx", ".csv")


class ExportRefused(Exception):
    """The file cannot be written there, or is of a kind we do not write."""


def export(county: County, asked: Request, path: Path, now: int, lang: str) -> int:
    """Write every hazard asked for; returns how many. Raises ExportRefused, UnknownUnit.

    A file that is there is replaced, once the new one is whole.
    """
    if path.suffix.lower() not in KINDS:
        raise ExportRefused(f"{path.name!r} is neither .xlsx nor .csv: name the file so")
    if not path.parent.is_dir():
        raise ExportRefused(f"there is no folder {path.parent}: make it, or name another")
    language = _language(county, lang)
    frames = streamed(county, asked, now)
    if path.suffix.lower() == ".csv":
        return write_csv(path, frames, language)
    return write_xlsx(path, frames, language, _notes(county, asked, now, lang))


def _language(county: County, lang: str) -> Language:
    towns, sectors = (
        {u.code: u.name.zh if lang == "zh" else u.name.en for u in units}
        for units in (county.organisation.towns, county.organisation.sectors)
    )
    return Language(lang, towns, sectors, county.days)


def _notes(county: County, asked: Request, now: int, lang: str) -> dict[str, str]:
    """Whose list it is, as of when, and what was asked for."""
    name = county.organisation.name
    as_of = Zone(county.zone, county.days).at(now) or ""
    given = {key: value for key, value in vars(asked).items() if value not in ("", False, None)}
    notes = {"county": name.zh if lang == "zh" else name.en, "as_of": wording.moment(as_of, lang)}
    notes |= {"filters": ", ".join(f"{key}={value}" for key, value in given.items())}
    if county.settings.demo:
        notes["demo"] = text("fictitious.text", lang)
    return {text(f"hazard.note.{key}", lang): value for key, value in notes.items()}
