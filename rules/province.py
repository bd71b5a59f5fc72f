"""From county editions to a province's: sums, rates made again from sums, counties in their ranks.

Nothing is counted here that a county has not printed. A measure is summed where every edition that
is joined has it, else it is named under `not_summed`: what one county does not count is not zero.
Cumulative figures of campaigns that began on different days are not summed, and where the formula
needs them nobody is ranked. Rates are never averaged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from rules.counting import Counts, rates
from rules.revision import moves_of
from rules.scoring import UnknownIndicator, rank_units
from rules.statutory import COUNTED, row
from schemas.edition import SCOPES, SPLITS, Bilingual, Body, Edition, Scope, Unit
from schemas.period import Period
from schemas.policy import Scoring
from schemas.province import (
    SCHEMA,
    Absent,
    CountyChange,
    CountyRow,
    Declared,
    Origin,
    ProvinceBody,
    ProvinceEdition,
    ProvinceRevision,
    StatutoryOf,
    Summed,
)

NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Taken:
    """A county's edition and the digest of the file it was read from."""

    edition: Edition
    sha256: str

    @property
    def body(self) -> Body:
        return self.edition["body"]


def joined(declared: Declared, period: Period, taken: Mapping[str, Taken]) -> ProvinceBody:
    """The body of a province's edition. taken: county code → its edition of this kind and period;
    at least one."""
    present = {str(c["code"]): c for c in declared["counties"] if c["code"] in taken}
    found = [taken[code] for code in present]
    scopes = _scopes(found)
    rows = [_row(present[code], taken[code]) for code in present]
    total, gaps = _summed(_province(declared), [(r["code"], r) for r in rows], scopes)
    body = ProvinceBody(
        schema=SCHEMA,
        declared=declared,
        fictitious=any(t.body["fictitious"] for t in found),
        audience="public" if all(_audience(t) == "public" for t in found) else "internal",
        kind=period.kind.value,
        period=period.code,
        first_day=period.first_day.isoformat(),
        last_day=period.last_day.isoformat(),
        counties=_ranked(rows, declared, scopes),
        missing=[_absent(c) for c in declared["counties"] if c["code"] not in taken],
        total=total,
        sectors=_sectors(taken, present, scopes),
        listed=sum(r["listed"] for r in rows),
        unlisted_major=sum(r["unlisted_major"] for r in rows),
        not_summed=[*(s for s in SCOPES if s not in scopes), *gaps],
    )
    if all("statutory" in t.body for t in found):
        body["statutory"] = _statutory(declared, rows, found)
    return body


def scoring_of(found: Iterable[Taken]) -> dict[str, object] | None:
    """The counties' formula, None where they have more than one."""
    known: list[Any] = []
    for taken in found:
        scoring: Any = taken.body["policy"]["scoring"]
        if scoring not in known:
            known.append(scoring)
    return known[0] if len(known) == 1 else None


def revision(
    previous: ProvinceEdition, body: ProvinceBody, taken: Mapping[str, Taken]
) -> ProvinceRevision:
    """What an issue says of the one before: whose edition is another, and who moved."""
    old = {r["code"]: r["origin"]["edition"] for r in previous["body"]["counties"]}
    changes = [
        CountyChange(
            code=r["code"],
            name=r["name"],
            old=old.get(r["code"], 0),
            new=r["origin"]["edition"],
            revision_class=_why(taken[r["code"]]),
        )
        for r in body["counties"]
        if old.get(r["code"], 0) != r["origin"]["edition"]
    ]
    units = (cast(list[Unit], b["counties"]) for b in (previous["body"], body))
    return ProvinceRevision(
        previous=previous["edition"],
        previous_digest=previous["body_digest"],
        declared=previous["body"]["declared"] != body["declared"],
        changes=changes,
        moves=[dict(m) for m in moves_of(*units)],
    )


def _why(taken: Taken) -> str:
    note = taken.edition.get("revision")
    return note["revision_class"] if note else ""


def _audience(taken: Taken) -> str:
    bulletin: Any = taken.body["policy"]["bulletin"]
    return str(bulletin["audience"])


def _scopes(found: Sequence[Taken]) -> tuple[Scope, ...]:
    """Those that mean the same in every county: a campaign that began on another day does not."""
    starts = {str(t.body["campaign"]["start"]) for t in found}
    return tuple(s for s in SCOPES if s != "campaign" or len(starts) == 1)


def _province(declared: Declared) -> tuple[str, Bilingual]:
    return declared["code"], declared["name"]


def _absent(county: Mapping[str, Any]) -> Absent:
    return Absent(code=county["code"], name=county["name"])


def _row(county: Mapping[str, Any], taken: Taken) -> CountyRow:
    """A county as its own edition has it, named and grouped as the province does."""
    own: dict[str, Any] = dict(taken.body["total"])
    own |= {"name": county["name"], "group": county["group"], "rates": rates(own["counts"])}
    origin = Origin(
        edition=taken.edition["edition"],
        sha256=taken.sha256,
        body_digest=taken.edition["body_digest"],
        ledger_head=taken.edition["ledger_head"],
        policy_hash=taken.edition["policy_hash"],
    )
    beside = {"listed": len(taken.body["listed"]), "unlisted_major": taken.body["unlisted_major"]}
    return cast(CountyRow, own | {"origin": origin, **beside})


def _summed(
    named: tuple[str, Bilingual], units: Sequence[tuple[str, Any]], scopes: Sequence[Scope]
) -> tuple[Summed, list[str]]:
    """The sum of units (county, unit), and the measures that not all of them have."""
    counts: dict[Scope, Counts] = {}
    gaps: list[str] = []
    for scope in scopes:
        counts[scope] = {}
        for split in SPLITS:
            each = [unit["counts"][scope][split] for _, unit in units]
            counts[scope][split], missing = _sum(each)
            gaps += [f"{scope}.{split}.{measure}" for measure in missing]
    code, name = named
    found = Summed(
        code=code, name=name, of=[c for c, _ in units], counts=counts, rates=rates(counts)
    )
    return found, gaps


def _sum(each: Sequence[Mapping[str, int]]) -> tuple[dict[str, int], list[str]]:
    known = list(dict.fromkeys(measure for counts in each for measure in counts))
    whole = [m for m in known if all(m in counts for counts in each)]
    return {m: sum(c[m] for c in each) for m in whole}, [m for m in known if m not in whole]


def _sectors(
    taken: Mapping[str, Taken], present: Iterable[str], scopes: Sequence[Scope]
) -> list[Summed]:
    """Sectors that counties call by one code and one name, in the order they are met."""
    found: dict[tuple[str, str], tuple[Bilingual, list[tuple[str, Unit]]]] = {}
    for county in present:
        for unit in taken[county].body["sectors"]:
            key = (unit["code"], unit["name"]["zh"])
            found.setdefault(key, (unit["name"], []))[1].append((county, unit))
    return [_summed((code, name), units, scopes)[0] for (code, _), (name, units) in found.items()]


def _ranked(
    rows: Sequence[CountyRow], declared: Declared, scopes: Sequence[Scope]
) -> list[CountyRow]:
    """Scores and ranks by the declared formula; who cannot be compared is named, not ranked."""
    scoring = Scoring.model_validate(declared["scoring"]) if declared["scoring"] else None
    usable = scoring is not None and _needs(scoring) <= set(scopes)
    fits = [r for r in rows if usable and scoring is not None and _fits(r, scoring)]
    ranked = {}
    if scoring is not None and fits:
        ranked = {u["code"]: u for u in rank_units(cast(list[Unit], fits), "towns", scoring)}
    return [cast(CountyRow, ranked.get(r["code"]) or _unranked(r)) for r in rows]


def _needs(scoring: Scoring) -> set[Scope]:
    """The scopes that the formula looks at; deductions are of the campaign."""
    needed = {scoring.sample_scope, *(i.scope for i in scoring.towns)}
    return needed | ({"campaign"} if scoring.deductions else set())


def _fits(county: CountyRow, scoring: Scoring) -> bool:
    """Whether a county's edition has every figure of the formula."""
    try:
        rank_units([cast(Unit, county)], "towns", scoring)
    except (UnknownIndicator, KeyError):
        return False
    return True


def _unranked(county: CountyRow) -> CountyRow:
    result = county.copy()
    result["score"], result["rank"], result["last_rank"] = None, None, None
    result["unranked_because"] = NOT_COMPARABLE
    return result


def _statutory(
    declared: Declared, rows: Sequence[CountyRow], found: Sequence[Taken]
) -> StatutoryOf:
    """The statutory table: a row per county, and their sum with its rates made again."""
    own = [t.body["statutory"]["total"] for t in found]
    counties = [row(r["code"], r["name"], s["counts"]) for r, s in zip(rows, own, strict=True)]
    sums = {name: sum(c["counts"][name] for c in counties) for name in COUNTED}
    return StatutoryOf(counties=counties, total=row(*_province(declared), sums))


def differences(old: Any, new: Any, path: str = "") -> list[str]:
    """Paths at which two bodies differ, in order; list items are named by code where they have
    one."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        return [d for k in keys for d in differences(old.get(k), new.get(k), _under(path, k))]
    if isinstance(old, list) and isinstance(new, list):
        return differences(_by_code(old), _by_code(new), path)
    return [] if old == new else [path]


def _under(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _by_code(items: list[Any]) -> dict[str, Any]:
    return {
        str(i["code"]) if isinstance(i, dict) and "code" in i else str(n): i
        for n, i in enumerate(items)
    }
