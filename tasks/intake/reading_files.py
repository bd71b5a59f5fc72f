"""Files that people send, whatever the format: each table in them as text, its rows, nil returns.

Everything goes through csv text: a workbook is transcribed sheet by sheet, so headings, ragged
rows, totals and notes are judged in one place for all formats.
"""

from collections.abc import Iterator

from schemas.connectors import Workbook
from tasks.intake.reading_csv import decode, read_csv, records
from tasks.intake.reading_grid import Rows, says_nil
from tasks.intake.reading_heading import Layout
from tasks.intake.reading_malformed import Malformed
from tasks.intake.reading_xlsx import judged, transcripts
from tasks.sources.base import Media, Part

PROBE_BYTES = 4 << 20  # files up to here are parsed whole before they are landed
DELIMITERS = {"csv": ",", "tsv": "\t"}
FILES = ("xlsx", "xls", "ods", *DELIMITERS)


def probe(content: bytes, media: Media, connector: Workbook) -> bool:
    """Whether a file is a nil return. Raises Malformed when it cannot be read.

    Files of more than 4 MiB are only judged from outside: no nil return is that large.
    """
    if not content:
        return False
    if len(content) > PROBE_BYTES:
        decode(content) if media in DELIMITERS else judged(content, media)
        return False
    texts, layout = list(tables_of(Part("", content), media, connector)), layout_of(connector)
    delimiter = DELIMITERS.get(media, ",")
    if says_nil([records(text, delimiter) for _, text in texts], layout):
        return True
    for sheet, text in texts:
        rows_of(sheet, text, media, connector)  # an ordinary file: read without an error
    return False


def layout_of(connector: Workbook) -> Layout:
    """The form of a source's tables."""
    return Layout(**connector.model_dump(exclude={"type", "name"}))


def tables_of(part: Part, media: Media, connector: Workbook) -> Iterator[tuple[str, str]]:
    """(sheet, csv or tsv text) of each table in a file."""
    if media in DELIMITERS:
        stem, _, suffix = part.name.rpartition(".")
        yield stem if suffix.lower() in DELIMITERS else part.name, decode(part.content)
    else:
        yield from transcripts(part.content, media, layout_of(connector))


def rows_of(sheet: str, text: str, media: Media, connector: Workbook) -> Rows:
    """The rows of one table that `tables_of` gave. Raises Malformed."""
    try:
        return read_csv(text, layout_of(connector), DELIMITERS.get(media, ","))
    except Malformed as error:
        where = f"sheet {sheet!r}: " if connector.sheets is not None else ""
        raise Malformed(f"{where}{error}") from None
