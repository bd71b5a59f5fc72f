"""Verify a province's issues: their files, the county editions they name, and every figure anew.

Promise: an issue passes only if its files are those that were published, each county edition that
it names lies there with its digest, and its figures come out of those editions again. What differs
is named: issue, county, cell. A county edition that came since is told apart from a fault.

    bihuan province verify
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.kinds import period_of
from rules.province import Taken, differences, joined
from rules.seal import digest
from schemas.period import Period
from schemas.province import CountyOf, CountyRow, Province, ProvinceEdition
from schemas.vocabulary import EditionKind
from tasks.province import issues
from tasks.province.reading import ProvinceRefused, declaration, latest, numbered
from tasks.publication import shelf

_SHOWN = 5


@dataclass(frozen=True)
class Fault:
    """What is not as it was published. county: "" for the province's own files."""

    issue: str
    county: str
    reason: str  # province.fault.<reason>
    what: str


@dataclass(frozen=True)
class Verified:
    """The stable keys of `bihuan province verify --json`; stale: a newer county edition waits."""

    ok: bool
    issues: int
    faults: list[Fault]
    stale: list[dict[str, str]]


def verify(home: Path, kind: str = "", period: str = "") -> Verified:
    """Every issue, or those of one kind and period. Raises ProvinceRefused."""
    province = declaration(home)
    faults: list[Fault] = []
    stale: list[dict[str, str]] = []
    count = 0
    for own_kind, code in issues.periods(home, province.code):
        if kind not in ("", own_kind) or period not in ("", code):
            continue
        at = period_of(EditionKind(own_kind), code, province.zone)
        known = issues.numbers(home, province.code, own_kind, code)
        for number in known:
            faults += _of_issue(home, province, at, number)
        stale += _stale(home, province, at, known[-1]) if known else []
        count += len(known)
    if not count:
        raise ProvinceRefused("no_issue", {"kind": kind or "*", "period": period or "*"})
    return Verified(not faults, count, faults, stale)


def _of_issue(home: Path, province: Province, period: Period, number: int) -> Iterator[Fault]:
    folder = issues.folder_of(province.code, period.kind.value, period.code, number)
    name = f"{period.kind.value}/{period.code}/{number}"
    expected = issues.expected(home, folder)
    if not expected:
        yield Fault(name, "", "no_sums", str(folder / issues.SUMS))
    for file in shelf.damaged(home, str(folder), expected):
        yield Fault(name, "", "file", file)
    try:
        edition = issues.read(home, folder)
        if digest(edition["body"]) != edition["body_digest"]:
            yield Fault(name, "", "digest", issues.DOCUMENT)
    except (OSError, ValueError, KeyError):
        yield Fault(name, "", "unreadable", issues.DOCUMENT)
        return
    yield from _of_counties(home, province, period, name, edition)


def _of_counties(
    home: Path, province: Province, period: Period, name: str, edition: ProvinceEdition
) -> Iterator[Fault]:
    places = {county.code: county for county in province.counties}
    taken: dict[str, Taken] = {}
    for row in edition["body"]["counties"]:
        found = _read(home, places.get(row["code"]), period, row)
        if isinstance(found, Taken):
            taken[row["code"]] = found
            if found.sha256 != row["origin"]["sha256"]:
                yield Fault(name, row["code"], "replaced", f"{row['origin']['edition']}")
        else:
            yield Fault(name, row["code"], *found)
    if len(taken) == len(edition["body"]["counties"]) and taken:
        again = joined(edition["body"]["declared"], period, taken)
        for cell in differences(edition["body"], again)[:_SHOWN]:
            yield Fault(name, _county_in(cell, taken), "figure", cell)


def _read(
    home: Path, county: CountyOf | None, period: Period, row: CountyRow
) -> Taken | tuple[str, str]:
    """The edition that a row names, or why there is none."""
    number = row["origin"]["edition"]
    if county is None:
        return "undeclared", str(number)
    try:
        found = numbered(home, county, period, number)
    except ProvinceRefused as error:
        return error.reason, str(error.values.get("file", error.values.get("folder", number)))
    return found or ("missing", str(number))


def _county_in(cell: str, taken: dict[str, Taken]) -> str:
    return next((code for code in cell.split(".") if code in taken), "")


def _stale(home: Path, province: Province, period: Period, number: int) -> list[dict[str, str]]:
    """Counties whose latest edition is not the one in the latest issue: a new issue is due."""
    folder = issues.folder_of(province.code, period.kind.value, period.code, number)
    try:
        body = issues.read(home, folder)["body"]
    except (OSError, ValueError, KeyError):
        return []
    known = {row["code"]: row["origin"]["edition"] for row in body["counties"]}
    found = []
    for county in province.counties:
        try:
            now = latest(home, county, period)
        except ProvinceRefused:
            continue  # told as a fault
        if now is not None and now.edition["edition"] > known.get(county.code, 0):
            issue = f"{period.kind.value}/{period.code}/{number}"
            found.append({"issue": issue, "county": county.code})
    return found
