"""Tiles, quarters, lines and item lists: known answers."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.edition import Bilingual
from schemas.organisation import MAP_SIZE, Name, Organisation, Sector, Town
from schemas.site import Brief, Frame, Standing
from tasks.configuration import read_county
from tasks.county import config_folder
from tasks.rendering.site import items, lines, tiles, town
from tests.house.code import ROOT
from tests.store.tiny import Tiny

NAME = Name(zh="虚构镇", en="Fictitious Town")


def _organisation(*places: tuple[int, int] | None) -> Organisation:
    towns = [
        Town(code=f"99009900{i}", name=Name(zh=f"虚构镇{i}", en=f"Town {i}"), tile=place)
        for i, place in enumerate(places)
    ]
    sector = Sector(code="fire", name=Name(zh="消防", en="Fire"), committee=NAME)
    return Organisation(code="990099", name=NAME, towns=towns, sectors=(sector,))


def test_two_towns_on_one_tile_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"tile \[2, 1\] is given to 990099000 and 990099002"):
        _organisation((2, 1), (1, 1), (2, 1))


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (MAP_SIZE + 1, 1), (1, MAP_SIZE + 1)])
def test_a_tile_off_the_map_is_refused(place: tuple[int, int]) -> None:
    with pytest.raises(ValidationError):
        _organisation(place)


def test_every_town_of_the_shipped_county_has_a_tile() -> None:
    towns = read_county(ROOT / "config" / "cixi")[0].towns
    assert len({t.tile for t in towns} - {None}) == len(towns) == 18


def test_towns_without_a_tile_follow_below_the_map() -> None:
    found = tiles.placed(["a", "b", "c", "d"], {"b": (3, 2), "d": (7, 1)})
    assert found == {"b": (3, 2), "d": (7, 1), "a": (1, 3), "c": (2, 3)}
    assert tiles.placed([str(i) for i in range(8)], {})["7"] == (2, 2)


def _standing(
    code: str, rank: int | None, score: str | None = "50.00", group: str = "A"
) -> Standing:
    name: Bilingual = {"zh": f"虚构{code}", "en": code}
    return Standing(code, name, group, rank, None, score, {"found": 1}, {"on_time": "50.00"})


def _brief(*towns: Standing, shows_ranks: bool = True, period: str = "2025-W10") -> Brief:
    values: Mapping[str, Any] = {
        "kind": "weekly", "period": period, "number": 1, "seq": 1, "watermark": 1,
        "ledger_head": "", "ledger_root": "", "policy_hash": "", "policy_version": "",
        "body_digest": "",
        "published_on": "2025-03-10", "first_day": "2025-03-03", "last_day": "2025-03-09",
        "county": {"zh": "虚构市", "en": "Fictitious"}, "audience": "public", "fictitious": True,
        "revision_class": "", "previous": 0, "moved": 0, "sectors": (), "listed": (),
        "missing": (), "late": (), "folder": "", "files": {}, "items": "",
    }  # fmt: skip
    return Brief(towns=towns, total=_standing("all", None), shows_ranks=shows_ranks, **values)


def test_quarters_are_those_of_the_rank_within_its_group() -> None:
    ranked = [_standing(f"t{n}", n) for n in range(1, 9)]
    others = [_standing("b1", 1, group="B"), _standing("b2", 2, group="B"), _standing("n", None)]
    brief = _brief(*ranked, *others)
    assert [tiles.quarter(t, brief) for t in ranked] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert [tiles.quarter(t, brief) for t in others] == [1, 3, 0]
    equal = [_standing(c, r) for c, r in (("a", 1), ("b", 1), ("c", 3), ("d", 4))]
    assert [tiles.quarter(t, _brief(*equal)) for t in equal] == [1, 1, 3, 4]


def test_hidden_ranks_give_no_colour_away() -> None:
    brief = _brief(_standing("a", 1), _standing("b", 2), shows_ranks=False)
    made = tiles.block(brief, {}, "en").map
    assert made is not None
    assert [t.quarter for t in made.tiles] == [0, 0]
    assert "no ranks" in made.note and [q for q, _ in made.legend] == [0]


def test_colour_is_never_alone() -> None:
    made = tiles.block(_brief(*(_standing(str(n), n) for n in range(1, 5))), {}, "zh").map
    assert made is not None
    assert [(t.quarter, t.said) for t in made.tiles] == [(1, "蓝"), (2, "黄"), (3, "橙"), (4, "红")]
    assert len({said for _, said in made.legend}) == 4


def test_a_line_breaks_where_there_was_no_value() -> None:
    values = [Decimal(0), Decimal(50), None, Decimal(100)]
    made = lines.spark(values, (Decimal(0), Decimal(100)), "en")
    assert made.runs == ("4.0,20.0 34.7,12.0", "96.0,4.0")
    assert made.end == ("96.0", "4.0")
    assert made.label == "3 editions, from 0 to 100"
    assert lines.spark([None, None], (Decimal(0), Decimal(1)), "en").runs == ()


def test_a_rank_line_has_the_first_rank_on_top() -> None:
    history = [_brief(_standing("a", r), _standing("b", 4)) for r in (4, 1)]
    spark = lines.score_sparks(history, [("A", "a")], "en").rows["A"][1]
    assert spark.runs == ("4.0,20.0 96.0,4.0",)


def test_a_towns_lines_begin_with_its_second_edition() -> None:
    first, second = (
        _brief(_standing("a", 1), _standing("b", 2), period=f"2025-W1{n}") for n in (0, 1)
    )
    assert lines.town_lines([first], "a", "en") == ()
    made = lines.town_lines([first, second], "a", "en")
    assert [line.title for line in made] == [
        "Score over time",
        "Rank over time (within its group, first on top)",
    ]
    assert [d.shown for d in made[0].dots if d] == ["", "50.00"]


def test_a_towns_page_has_a_years_weeks_and_says_where_the_others_are() -> None:
    shared = Frame("public", {"zh": "虚构市", "en": "Fictitious"}, True, {})
    weeks = [f"{year}-W{n:02d}" for year in (2025, 2026) for n in range(1, 40)]
    briefs = [
        replace(_brief(_standing("a", 1), _standing("b", 2), period=w), last_day=w) for w in weeks
    ]
    page = town.page(shared, "a", briefs, "en").decode()
    assert page.count('<th scope="row"') == lines.SHOWN == 52
    assert "Week 39, 2026" in page and "Week 1, 2025" not in page
    assert "The last 52 periods are shown" in page
    short = town.page(shared, "a", briefs[:52], "en").decode()
    assert short.count('<th scope="row"') == 52 and "periods are shown" not in short


def test_more_items_than_a_page_takes_are_counted_in_words() -> None:
    shared = Frame("public", {"zh": "虚构市", "en": "Fictitious"}, True, {})
    cells = {"towns.a.period.all.found": [{"number": f"H{n}"} for n in range(items.MAX_ITEMS + 7)]}
    page = items.page(shared, _brief(_standing("a", 1)), "a", cells, "en").decode()
    assert f"{items.MAX_ITEMS + 7} in all." in page and "7 more are not on this page" in page
    assert page.count("<tr>") == items.MAX_ITEMS + 1  # and the head


def test_an_item_list_prints_known_fields_only() -> None:
    shared = Frame("internal", {"zh": "虚构市", "en": "Fictitious"}, True, {})
    secret = {"reporter": "吹哨人虚构甲", "phone": "13900000000", "description": "据吴虚构口述"}
    item = {"number": "grid:7", "unit_name": "虚构五金厂", "severity": "major", "state": "closed"}
    cells = {"towns.a.period.all.overdue": [item | secret]}
    page = items.page(shared, _brief(_standing("a", 1)), "a", cells, "en").decode()
    assert "grid:7" in page and "虚构五金厂" in page and ">major<" in page and ">closed<" in page
    assert [word for word in secret.values() if word in page] == []


def test_hostile_items_stay_text() -> None:
    shared = Frame("internal", {"zh": "虚构市", "en": "Fictitious"}, True, {})
    item = {"number": "<script>alert(1)</script>", "unit_name": '"><img src=x>', "state": "\x00odd"}
    cells = {"towns.a.period.all.found": [item]}
    page = items.page(shared, _brief(_standing("a", 1)), "a", cells, "en").decode()
    assert "<script>alert" not in page and "<img" not in page and "\x00" not in page


def test_the_sites_know_the_tiles_of_the_county(tiny: Tiny) -> None:
    towns = read_county(config_folder(tiny.county.settings))[0].towns
    assert {t.code: t.tile for t in towns} == {
        t.code: t.tile for t in tiny.county.organisation.towns
    }
