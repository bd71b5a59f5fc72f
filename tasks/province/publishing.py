"""Publish a province's edition: the latest county editions of a period, summed, ranked, on a shelf.

Promise: it is made of published county editions only, each named by number and digest; a county
that has none is named and counts nowhere; the same county editions make the same issue, so running
again publishes nothing; a county's correction makes the next issue, which says what changed. A file
that is not what it was, or a county edition that is gone again, publishes nothing.

    bihuan province bulletin --kind weekly --period 2025-W10
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.province import Taken, joined, revision, scoring_of
from rules.seal import canonical, digest
from schemas.period import Period
from schemas.province import Declared, Province, ProvinceBody, ProvinceEdition
from tasks.province import issues
from tasks.province.reading import ProvinceRefused, declaration, latest
from tasks.publication import shelf
from tasks.rendering.province import render


@dataclass(frozen=True)
class ProvinceReport:
    """The stable keys of `bihuan province bulletin --json`, and the edition itself."""

    kind: str
    period: str
    edition: int
    is_new: bool
    body_digest: str
    folder: str
    files: list[dict[str, str]]
    edition_doc: ProvinceEdition


def publish(home: Path, period: Period, *, dry_run: bool = False) -> ProvinceReport:
    """The next issue of a period, or the one that is there. Raises ProvinceRefused."""
    province = declaration(home)
    if dry_run:
        return _publish(home, province, period, dry_run=True)
    with issues.alone(home):
        return _publish(home, province, period, dry_run=False)


def _publish(home: Path, province: Province, period: Period, *, dry_run: bool) -> ProvinceReport:
    taken = _latest_of_all(home, province, period)
    previous = _previous(home, province, period)
    if previous is not None:
        _require_going_on(previous, taken)
    body = joined(declared(province, taken), period, taken)
    if previous is not None and previous["body_digest"] == digest(body):
        return _report(home, province, previous, is_new=False, shown=True)
    edition = ProvinceEdition(
        edition=previous["edition"] + 1 if previous else 1, body_digest=digest(body), body=body
    )
    if previous is not None:
        edition["revision"] = revision(previous, body, taken)
    if not dry_run:
        folder = issues.folder_of(province.code, body["kind"], body["period"], edition["edition"])
        issues.put(home, folder, files_of(edition))
    return _report(home, province, edition, is_new=True, shown=not dry_run)


def files_of(edition: ProvinceEdition) -> dict[str, bytes]:
    """File name → content, a pure function of the edition."""
    pages = {f"bulletin.{lang}.html": render(edition, lang) for lang in ("zh", "en")}
    return {issues.DOCUMENT: canonical(edition), **pages}


def declared(province: Province, taken: Mapping[str, Taken]) -> Declared:
    """What the edition is made by; without a formula of its own, the one the counties share."""
    own = province.scoring.model_dump(mode="json") if province.scoring else None
    return Declared(
        code=province.code,
        name={"zh": province.name.zh, "en": province.name.en},
        counties=[
            {"code": c.code, "name": {"zh": c.name.zh, "en": c.name.en}, "group": c.group}
            for c in province.counties
        ],
        scoring=own or scoring_of(taken.values()),
    )


def _latest_of_all(home: Path, province: Province, period: Period) -> dict[str, Taken]:
    found = {county.code: latest(home, county, period) for county in province.counties}
    taken = {code: one for code, one in found.items() if one is not None}
    if not taken:
        values = {"kind": period.kind.value, "period": period.code}
        raise ProvinceRefused("nothing", values | {"n": len(found)})
    return taken


def _previous(home: Path, province: Province, period: Period) -> ProvinceEdition | None:
    kind = period.kind.value
    known = issues.numbers(home, province.code, kind, period.code)
    if not known:
        return None
    folder = issues.folder_of(province.code, kind, period.code, known[-1])
    found = issues.read(home, folder)
    if digest(found["body"]) != found["body_digest"]:
        raise ProvinceRefused("own_changed", {"folder": home / folder})
    if not shelf.is_latest(home, folder):  # a crash can come before it
        shelf.point(home, folder)
    return found


def _require_going_on(previous: ProvinceEdition, taken: Mapping[str, Taken]) -> None:
    """Counties only go forward: what was joined is there, and is what it was. Raises
    ProvinceRefused."""
    for row in previous["body"]["counties"]:
        known = _known(previous["body"], row["code"])
        now = taken.get(row["code"])
        values = {"county": row["name"]["zh"], "number": row["origin"]["edition"]}
        if now is None or now.edition["edition"] < row["origin"]["edition"]:
            raise ProvinceRefused("gone", values)
        is_same = now.edition["edition"] == row["origin"]["edition"]
        if is_same and now.sha256 != known:
            raise ProvinceRefused("replaced", values)


def _known(body: ProvinceBody, code: str) -> str:
    return next(r["origin"]["sha256"] for r in body["counties"] if r["code"] == code)


def _report(
    home: Path, province: Province, edition: ProvinceEdition, *, is_new: bool, shown: bool
) -> ProvinceReport:
    body = edition["body"]
    folder = issues.folder_of(province.code, body["kind"], body["period"], edition["edition"])
    files: list[dict[str, Any]] = [
        {"path": str(home / folder / name), "sha256": sha}
        for name, sha in sorted(issues.expected(home, folder).items())
    ]
    return ProvinceReport(
        kind=body["kind"],
        period=body["period"],
        edition=edition["edition"],
        is_new=is_new,
        body_digest=edition["body_digest"],
        folder=str(home / folder) if shown else "",
        files=files if shown else [],
        edition_doc=edition,
    )
