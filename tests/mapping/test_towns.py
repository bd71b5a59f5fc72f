"""A town is told by a word, by a code of its year, or by where a point lies; else by nothing."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given as drawn
from hypothesis import strategies as st

from schemas.organisation import Organisation
from schemas.vocabulary import RecordKind
from tasks.configuration import ConfigurationError, read, read_county
from tasks.intake.mapping import map_rows
from tasks.intake.mapping_remaps import translated
from tasks.intake.mapping_wards import NOWHERE, Polygon, ward_of
from tasks.references import ReferenceFault, References
from tasks.store.documents import adopt
from tests.house.code import ROOT
from tests.mapping.fresh import NOW, Fresh
from tests.mapping.given import ORGANISATION, ROW, declare, finding, rows

SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE = [[1, 1], [1, 3], [3, 3], [3, 1], [1, 1]]


def moved(ring: list[list[float]], east: float) -> list[list[float]]:
    return [[x + east, y] for x, y in ring]


def wards(*features: tuple[str, list[Any]]) -> dict[str, Any]:
    """A GeoJSON; each ward is (name, polygons as lists of rings)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"ward": name},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            }
            for name, polygons in features
        ],
    }


@pytest.fixture
def references(tmp_path: Path) -> References:
    """东镇 is a square with a hole and an island; 西镇 is the square to the east of it."""
    content = wards(
        ("东镇", [[SQUARE, HOLE], [moved(SQUARE, 100)]]), ("999901002", [[moved(SQUARE, 4)]])
    )
    (tmp_path / "wards.geojson").write_text(json.dumps(content), "utf-8")
    (tmp_path / "remaps").mkdir()
    (tmp_path / "remaps" / "divisions.csv").write_text(
        "as_of,old,new,note\n2017,999901002,999901001,renumbered\n2017,999901009,,dissolved\n",
        "utf-8",
    )
    named = {"wards": {"file": "wards.geojson", "town": "ward"}}
    organisation = Organisation.model_validate(ORGANISATION.model_dump() | named)
    return References(tmp_path, organisation)


def towns(references: References, spec: dict[str, Any], *cells: dict[str, str]) -> list[Any]:
    declaration = declare(finding(town_code=spec))
    frames = map_rows(rows(*(ROW | c for c in cells)), declaration, ORGANISATION, references)
    return [None if pd.isna(v) else v for v in frames[RecordKind.FINDING]["town_code"]]


def point(lat: str, lon: str) -> dict[str, str]:
    return {"纬度": lat, "经度": lon}


BY_POINT = {"town": {"by": "coordinates", "lat": "纬度", "lon": "经度"}}


def test_a_town_is_told_by_the_ward_that_a_point_lies_in(references: References) -> None:
    points = [point("0.5", "0.5"), point("２", "6"), point("2", "102"), point("2", "2")]
    assert towns(references, BY_POINT, *points) == ["999901001", "999901002", "999901001", "2,2"]


def test_a_point_that_is_nowhere_or_unreadable_stays_for_the_suite_to_refuse(
    references: References,
) -> None:
    points = [point("50", "50"), point("北纬2度", "6"), point("", "6"), point("", "")]
    assert towns(references, BY_POINT, *points) == ["50,50", "北纬2度,6", ",6", None]


def test_a_word_goes_before_a_point(references: References) -> None:
    cells = [point("2", "6") | {"镇街": word} for word in ("东镇", "", "北镇")]
    assert towns(references, {"from": "镇街"} | BY_POINT, *cells) == [
        *("999901001", "999901002", "北镇")
    ]


def test_coordinates_may_stand_in_one_column(references: References) -> None:
    part = {"from": "位置", "split": {"by": ",", "part": 1}}
    other = {"from": "位置", "split": {"by": ",", "part": 2}}
    spec = {"town": {"by": "coordinates", "lat": other, "lon": part}}
    assert towns(references, spec, {"位置": "6, 2"}) == ["999901002"]


@drawn(st.lists(st.tuples(st.integers(-1, 9), st.integers(-1, 5)), min_size=1))
def test_a_point_on_a_shared_border_lies_in_exactly_one_ward(
    points: list[tuple[int, int]],
) -> None:
    polygons = [Polygon.of(0, [SQUARE]), Polygon.of(1, [moved(SQUARE, 4)])]
    x, y = np.array(points, dtype=float).T
    inside = (x >= 0) & (x < 8) & (y >= 0) & (y < 4)
    found = ward_of(x, y, polygons)
    assert (found[inside] == (x[inside] >= 4)).all()
    assert (found[(x < 0) | (x > 8) | (y < 0) | (y > 4)] == NOWHERE).all()


def test_a_point_in_two_wards_is_in_none(references: References) -> None:
    polygons = [Polygon.of(0, [SQUARE]), Polygon.of(1, [moved(SQUARE, 1)])]
    assert ward_of(np.array([2.0, 0.5]), np.array([2.0, 2.0]), polygons).tolist() == [NOWHERE, 0]


def test_a_real_county_holds_its_middle_and_not_its_neighbours(shared_data: Path) -> None:
    (feature,) = json.loads((shared_data / "cixi_divisions/county_outline.geojson").read_text())
    polygons = [Polygon.of(0, rings) for rings in feature["geometry"]["coordinates"]]
    lon, lat = (
        np.array([121.314699, 121.152, 121.55, 121.248052]),
        np.array([30.230137, 30.05, 29.87, 30.177142]),
    )  # centroid, Yuyao, Ningbo, centre
    assert ward_of(lon, lat, polygons).tolist() == [0, NOWHERE, NOWHERE, 0]


def test_a_code_is_translated_by_the_table_of_its_year(references: References) -> None:
    spec = {"from": "镇街", "remap": {"table": "divisions", "as_of": 2017}, "town": True}
    codes = ["９９９９０１００２", "999901001", "999901009", ""]
    found = towns(references, spec, *({"镇街": code} for code in codes))
    assert found == ["999901001", "999901001@2017", "999901009@2017", None]


def test_the_year_may_stand_in_a_column_and_a_code_without_one_is_not_translated(
    references: References,
) -> None:
    spec = {"from": "镇街", "remap": {"table": "divisions", "as_of": "年份"}, "town": True}
    cells = [{"镇街": "999901002", "年份": year} for year in ("2017", "2023", "")]
    assert towns(references, spec, *cells) == ["999901001", "999901002@2023", "999901002@?"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("old,new\n1,2\n", "first line must read as_of,old,new"),
        ("as_of,old,new\n,1,2\n", "divisions.csv:2: a code without its year"),
        ("as_of,old,new\n2017,1,2\n2017,1,3\n", "divisions.csv:3: 1 of 2017 becomes two codes"),
    ],
)
def test_a_table_that_says_two_things_is_refused(
    references: References, text: str, said: str
) -> None:
    assert references.folder
    (references.folder / "remaps" / "divisions.csv").write_text(text, "utf-8")
    with pytest.raises(ReferenceFault, match=said):
        references.remap("divisions")


def test_a_county_whose_mapping_needs_a_table_does_not_open_without_it(tmp_path: Path) -> None:
    for name in ("organisation.yaml", "policy.yaml", "sources/grid.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = (ROOT / "config" / "cixi" / name).read_text("utf-8")
        word = "{from: 所属镇街, town: true}"
        remap = "{from: 所属镇街, remap: {table: divisions, as_of: 2017}, town: true}"
        (tmp_path / name).write_text(text.replace(word, remap), "utf-8")
    policy = tmp_path / "policy.yaml"
    lines = yaml.safe_load(policy.read_text("utf-8"))
    lines["calendar"] = [line for line in lines["calendar"] if line["source"] == "grid"]
    policy.write_text(yaml.safe_dump(lines, allow_unicode=True), "utf-8")
    with pytest.raises(ConfigurationError, match=r"source grid: .*divisions.csv cannot be read"):
        read_county(tmp_path)


def test_old_codes_of_a_real_county_become_todays_and_collisions_are_not_confused(
    shared_data: Path, tmp_path: Path
) -> None:
    """All 18 shared towns carry another code than in 2017; 102 village codes changed meaning."""
    old = _rows(shared_data / "ningbo_dictionaries/villages_2017.csv")
    new = _rows(shared_data / "cixi_divisions/cixi_villages_2023_nbs.csv")
    today = read(ROOT / "config/cixi/organisation.yaml", Organisation).town_words()
    old_towns = {row["town_code"]: row["town"] for row in old}
    shared = {code: today[name] for code, name in old_towns.items() if name in today}
    assert len(shared) == 18
    assert all(code[:9] != town for code, town in shared.items())
    old_villages = {row["village_code"]: _bare(row["village"]) for row in old}
    new_villages = {row["code"]: _bare(row["name"]) for row in new}
    collide = {c for c in old_villages.keys() & new_villages if old_villages[c] != new_villages[c]}
    by_place = {(row["streetCode"], _bare(row["name"])): row["code"] for row in new}
    places = {
        row["village_code"]: (shared.get(row["town_code"], ""), _bare(row["village"]))
        for row in old
    }
    lines = [f"2017,{code},{target}" for code, target in shared.items()]
    lines += [f"2017,{code},{by_place.get(place, '')}" for code, place in places.items()]
    (tmp_path / "remaps").mkdir()
    (tmp_path / "remaps/divisions.csv").write_text("\n".join(["as_of,old,new", *lines]), "utf-8")
    table = References(tmp_path).remap("divisions")

    towns_now = translated(_column(shared), table, "2017")
    assert towns_now.tolist() == list(shared.values())
    assert len(collide) == 102
    codes = _column(sorted(collide))
    names = translated(codes, table, "2017").map(new_villages)
    same = [n for code, n in zip(codes, names, strict=True) if n == old_villages[code]]
    assert len(same) + int(names.isna().sum()) == 102  # its own village, or none: never another
    assert same
    undated = translated(codes, table, pd.Series([None] * len(codes), dtype="str"))
    assert not set(undated) & new_villages.keys()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _bare(village: str) -> str:
    for ending in ("村民委员会", "居民委员会", "村委会", "居委会", "社区居委会", "社区", "村"):
        village = village.removesuffix(ending)
    return village


def _column(words: Any) -> pd.Series:
    return pd.Series(list(words), dtype="str")


def test_the_tables_that_mappings_read_by_are_adopted_with_the_configuration(
    tmp_path: Path,
) -> None:
    fresh = Fresh.make(tmp_path / "home")
    fields = finding()["fields"] | {
        "town_code": {"from": "镇街", "remap": {"table": "divisions", "as_of": 2017}, "town": True}
    }
    source = declare({"record": "finding", "fields": fields}, cadence="continuous")
    text = source.model_dump_json(by_alias=True, exclude_none=True, exclude_defaults=True)
    (fresh.sources.parent / "remaps").mkdir()
    table = fresh.sources.parent / "remaps" / "divisions.csv"
    table.write_text("as_of,old,new\n2017,330282001,330282004\n", "utf-8")
    fresh.declare("grid", yaml.safe_dump(json.loads(text), allow_unicode=True))
    adopt(fresh.county(), NOW)
    table.write_text("as_of,old,new\n2017,330282001,330282005\n", "utf-8")
    assert adopt(fresh.county(), NOW + 1) == 1
    kept = fresh.query("SELECT text FROM document WHERE name = 'remaps/divisions.csv'")
    assert len(kept) == 2
    assert any("330282005" in text for (text,) in kept)
