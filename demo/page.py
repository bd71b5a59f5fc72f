"""What an edition has to print of a world: every figure of its body, by the world's own arithmetic.

    page = Pager(teller).page("weekly", teller.asked(3), received_by)

Promise: the shape of an edition's body, with rows under their codes instead of in lists; nothing
here asks the pipeline. Left to others: names, the policy, and what tells when and from which ledger
an edition was made.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from demo.chance import annex
from demo.gaming import Gaming, Told
from demo.marks import NOTHING, Counts, Page, Scoring, ranked, rates
from demo.model import TAKEN, Row
from demo.statutory import table
from demo.tally import Cut, Track
from demo.truth import Asked, Teller
from schemas.vocabulary import ListingLevel

_KEPT = ("places_due", "places_checked")  # of the campaign to date, in every scope
_FROZEN = ("quarter", "half_year", "year")
_MONTHLY = ("monthly", "statutory")
Entry = tuple[str, ...]  # what tells an entry of a list apart


class Pager:
    """Pages of one world."""

    def __init__(self, teller: Teller) -> None:
        self.teller, self.world = teller, teller.world
        self.told = Told(teller.world, teller.together)
        rows = [r for r in self.world.rows if r.record == "finding" and r.expect == TAKEN]
        self.findings = {f"{r.source}:{r.id}": r for r in rows}
        self.groups = {t.code: t.group for t in teller.world.organisation.towns}

    def page(
        self,
        kind: str,
        asked: Asked,
        received_by: int,
        *,
        head: str = "",
        earlier: Sequence[Page] = (),
    ) -> Page:
        """head: the hash that lots were drawn from; earlier: the pages of the editions that were
        published for the periods before, the nearest first."""
        cut = self.teller.cut(asked, received_by)
        made = self._units(kind, cut, earlier)
        towns, sectors, total = made["towns"], made["sectors"], made["total"]
        policy = self.world.policy
        found: Page = {
            "towns": towns,
            "sectors": sectors,
            "total": total,
            "listed": self._listed(asked, received_by),
            "listed_matrix": _matrix(cut),
            "unlisted_major": cut["listed"]["unlisted_major"],
            "quarantined": cut["quarantined"],
            **{name: self._owing(cut[name]) for name in ("missing", "late")},
            "fictitious": True,
            "groups": sorted(set(self.groups.values())),
            "county": {"code": self.world.organisation.code},
            "kind": kind,
            "first_day": asked.days[0].isoformat(),
            "last_day": asked.days[1].isoformat(),
            "campaign": {end: policy["campaign"][end].isoformat() for end in ("start", "end")},
            "annex": {
                "periods": 1 + len(earlier),
                **{
                    units: annex(made[units], Scoring.of(policy, units, kind), before)
                    for units in ("towns", "sectors")
                    for before in ([page[units] for page in earlier[:11]],)
                },
            },
        }
        if kind in policy["watch"]["kinds"]:
            found["watch"] = self._watch(asked, received_by, head)
        if kind in _MONTHLY:
            found["statutory"] = table(self.teller, asked, received_by)
        if kind in _FROZEN:
            found["frozen"] = self._frozen(asked)
        return found

    # -- units ---------------------------------------------------------------------------------

    def _units(self, kind: str, cut: Page, earlier: Sequence[Page]) -> dict[str, Page]:
        teller, policy = self.teller, self.world.policy
        towns = {code: self._unit(code, cut) for code in teller.towns}
        sectors = {code: self._unit(code, cut) for code in teller.sectors}
        for name, units in (("towns", towns), ("sectors", sectors)):
            last = {c: u["rank"] for c, u in earlier[0][name].items()} if earlier else {}
            ranked(units, Scoring.of(policy, name, kind), last)
        whole = self._unit("total", cut) | {"code": self.world.organisation.code}
        none = dict.fromkeys(("rank", "last_rank", "score", "unranked_because"))
        total = whole | none | {"points": {}, "deductions": {}, "small_sample": False}
        return {"towns": towns, "sectors": sectors, "total": total}

    def _unit(self, code: str, cut: Page) -> Page:
        counts = _complete(cut["counts"][code], cut["coverage"][code])
        group = self.groups.get(code, "all")
        return {"code": code, "group": group, "counts": counts, "rates": rates(counts)}

    # -- lists ---------------------------------------------------------------------------------

    def _listed(self, asked: Asked, received_by: int) -> Page:
        """Open hazards under a listing, by number."""
        cut = self.teller.span(asked, received_by)
        items = [self._item(t, cut) for t in self.teller.tracks if _is_listed(t, cut)]
        return {item["number"]: item for item in items}

    def _item(self, track: Track, cut: Cut) -> Page:
        now = track.standing(cut)
        assert now is not None
        notice = self._notice(track, cut)
        clock = self.world.weeks.clock
        on = clock.day(notice.claimed)
        finding = self.findings[track.hazard.key]
        return {
            "number": notice.fields["listing_number"],
            "level": ListingLevel(now.level).name.lower(),
            "town": now.town,
            "sector": track.hazard.sector,
            "unit_name": finding.fields["unit_name"],
            "listed_on": on.isoformat(),
            "due_on": (on + timedelta(self.world.policy["listing"]["term_days"])).isoformat(),
            "state": now.state.name.lower(),
        }

    def _notice(self, track: Track, cut: Cut) -> Row:
        """The last notice that had come."""
        rows = self.told.rows[track.hazard.key]
        listed = [r for r in rows if r.fields["event"] == "listed" and r.claimed < cut.end]
        return [r for r in listed if r.receipt.received <= cut.received_by][-1]

    def _owing(self, entries: list[Page]) -> dict[Entry, Page]:
        return {
            (e["source"], e["unit"], self._instant(e["due_at"])): {
                "source": e["source"],
                "unit": e["unit"],
                "due_at": self._instant(e["due_at"]),
                "received_at": self._instant(e["received_at"]) if e["received_at"] else None,
            }
            for e in entries
        }

    def _instant(self, ms: int) -> str:
        tz = self.world.weeks.clock.tz
        return datetime.fromtimestamp(ms // 1000, UTC).astimezone(tz).isoformat()

    # -- beside the signed page ----------------------------------------------------------------

    def _watch(self, asked: Asked, received_by: int, head: str) -> Page:
        cut = self.teller.span(asked, received_by)
        cut_off = self.world.weeks.cut_off(asked.weeks[0])
        return Gaming(self.told, self.teller.tracks, cut, cut_off).page(head)

    def _frozen(self, asked: Asked) -> Page:
        """Where no weekly edition is published all weeks are missing, and nobody has ranks."""
        none: Page = dict.fromkeys(("weeks", "first", "last"), 0) | dict.fromkeys(("best", "worst"))
        none |= {"ranks": [], "of": [], "mean": NOTHING}
        towns = {town: none | {"code": town} for town in self.teller.towns}
        weeks = [self.world.weeks.code(n) for n in asked.weeks]
        return {"weeks": [], "pending": [], "missing": weeks, "towns": towns}


def _complete(counts: Counts, beside: dict[str, int]) -> Counts:
    """What stands under "all" alone; the campaign's coverage stands in every scope."""
    made = {}
    for scope, splits in counts.items():
        own = {m: n for m, n in beside.items() if scope == "period" or m in _KEPT}
        own["found_outside"] = splits["supervision"]["found"]
        made[scope] = splits | {"all": splits["all"] | own}
    return made


def _matrix(cut: Page) -> dict[Entry, Page]:
    return {(m["sector"], m["level"]): m for m in cut["listed"]["matrix"] if m["count"]}


def _is_listed(track: Track, cut: Cut) -> bool:
    now = track.standing(cut)
    return now is not None and now.is_open and now.level > 0
