"""Real divisions: the shipped towns are the published ones, and old codes are read by their year.

The organisation of tests/real/config/divisions is the shipped one; the table of codes of 2017 is
made here from the published lists, by name.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas.organisation import Organisation
from tasks.auditing import audit
from tasks.configuration import read

# Run by another authority, the Qianwan new area, though it lies in the county by its code.
RUN_BY_ANOTHER = {"庵东镇"}
# 4xx codes are zones of development: they have villages in statistics and no town government.
ZONES = {
    "滨海经济开发区",
    "高新技术产业园区",
    "环杭州湾创新中心",
    "现代农业开发区",
    "长三角商贸园区",
}
OUTSIDE = 45  # villages of these six


@dataclass(frozen=True)
class Published:
    """The lists as they were published; codes as text."""

    towns: pd.DataFrame
    villages: pd.DataFrame
    villages_2017: pd.DataFrame

    @property
    def towns_2017(self) -> pd.Series:
        """Town → its code of 2017 (twelve digits)."""
        return self.villages_2017.drop_duplicates("town").set_index("town")["town_code"]


@pytest.fixture(scope="module")
def published(shared_data: Path) -> Published:
    folder = shared_data / "cixi_divisions"
    names = ["code", "name", "county", "province", "city"]
    return Published(
        pd.read_csv(folder / "cixi_towns_modood_2023.csv", header=None, names=names, dtype=str),
        pd.read_csv(folder / "cixi_villages_2023_nbs.csv", dtype=str),
        pd.read_csv(shared_data / "ningbo_dictionaries" / "villages_2017.csv", dtype=str),
    )


@pytest.fixture(scope="module")
def shipped(root: Path) -> Organisation:
    return read(root / "config" / "cixi" / "organisation.yaml", Organisation)


@pytest.fixture(scope="module")
def towns(shipped: Organisation) -> dict[str, str]:
    """Name → code of the shipped towns."""
    return {town.name.zh: town.code for town in shipped.towns}


@pytest.fixture(scope="module")
def county(
    tmp_path_factory: pytest.TempPathFactory,
    root: Path,
    shared_data: Path,
    published: Published,
    towns: dict[str, str],
    home: Callable[..., Any],
) -> Any:
    config = tmp_path_factory.mktemp("config")
    folder = config / "divisions"
    shutil.copytree(Path(__file__).parent / "config" / "divisions", folder)
    shutil.copy(root / "config" / "cixi" / "organisation.yaml", folder)
    (folder / "remaps").mkdir()
    lines = [f"2017,{old},{towns[name]}" for name, old in published.towns_2017.items()]
    (folder / "remaps" / "towns.csv").write_text("\n".join(["as_of,old,new", *lines]))
    made = home("divisions", ["villages", "villages_2017"], config)
    made.drop("villages", shared_data / "cixi_divisions" / "cixi_villages_2023_nbs.csv")
    made.drop("villages_2017", shared_data / "ningbo_dictionaries" / "villages_2017.csv")
    return made


def test_the_shipped_towns_are_the_published_ones_but_six(
    published: Published, towns: dict[str, str]
) -> None:
    codes = published.towns.set_index("name")["code"]
    assert (len(codes), len(towns)) == (24, 18)
    assert {name: codes[name] for name in towns} == towns
    left_out = set(codes.index) - set(towns)
    assert left_out == RUN_BY_ANOTHER | ZONES
    assert {name for name in left_out if codes[name][6] == "4"} == ZONES


def test_villages_come_into_their_town_by_code_and_those_of_other_units_are_refused(
    county: Any, published: Published, towns: dict[str, str]
) -> None:
    report = county.collect("villages")
    own = published.villages
    mine = own["streetCode"].isin(towns.values())
    assert (own["code"].str[:9] == own["streetCode"]).all()
    assert (report.received, report.taken, report.refused) == (406, 406 - OUTSIDE, OUTSIDE)
    assert report.refused_by == {"U001": int((~mine).sum())} == {"U001": OUTSIDE}
    assert county.collect("villages").appended == 0
    stored = county.table("select place_id, town_code from place_span").set_index("place_id")
    expected = own[mine].set_index("code")["streetCode"]
    assert stored["town_code"].to_dict() == expected.to_dict()


def test_one_village_name_in_two_towns_is_not_confused(
    county: Any, published: Published, shipped: Organisation
) -> None:
    own = published.villages
    twice = own[own["name"].duplicated(keep=False)]
    assert twice.set_index("code")["name"].to_dict() == {
        "330282118213": "新东村委会",  # of 庵东镇, which is not a unit here
        "330282123227": "新东村委会",
    }
    known = county.table("select place_id, town_code from place_span where name = '新东村委会'")
    assert known.to_dict("list") == {"place_id": ["330282123227"], "town_code": ["330282123"]}
    assert "新东村委会" not in shipped.town_words()  # a village's name alone names no town


def test_every_town_had_another_code_in_2017_and_most_of_those_are_another_towns_today(
    published: Published, shipped: Organisation, towns: dict[str, str]
) -> None:
    old = published.towns_2017
    assert set(old.index) == set(towns)
    assert sum(old[name][:9] != code for name, code in towns.items()) == 18
    today = {name: shipped.town_words().get(old[name]) for name in towns}
    silently_another = {n for n, code in today.items() if code not in (None, towns[n])}
    assert len(silently_another) == 11
    shared = published.villages.merge(
        published.villages_2017, left_on="code", right_on="village_code"
    )
    assert len(shared) == int((shared["name"] != shared["village"]).sum()) == 102


def test_codes_of_2017_come_into_the_right_towns_by_the_table_of_their_year(
    county: Any, published: Published, towns: dict[str, str]
) -> None:
    report = county.collect("villages_2017")
    assert (report.received, report.taken, report.refused) == (336, 336, 0)
    assert county.collect("villages_2017").appended == 0
    stored = county.table("select place_id, town_code from place_span")
    stored = stored[stored["place_id"].str.startswith("2017:")]
    own = published.villages_2017
    expected = ("2017:" + own["village_code"]).to_frame("place_id")
    expected["town_code"] = own["town"].map(towns)
    assert stored.set_index("place_id").to_dict() == expected.set_index("place_id").to_dict()
    assert audit(county.county).findings == []
