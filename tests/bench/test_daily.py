"""The days that the benchmark holds back: nothing lost or doubled, each hazard's last word."""

import shutil
from pathlib import Path

import pandas as pd

from bench.daily import DAYS, hold_back, parts
from bench.generate import generate


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_what_is_held_back_are_the_last_updates_and_with_the_rest_it_is_all(tmp_path: Path) -> None:
    generate(tmp_path, scale=0.005)
    before = read(tmp_path / "updates.csv")
    days = [read(path) for path in hold_back(tmp_path, 20)]
    kept = read(tmp_path / "updates.csv")
    assert [len(day) for day in days] == [20] * DAYS
    together = pd.concat([kept, *days]).sort_values("source_id", ignore_index=True)
    assert together.equals(before.sort_values("source_id", ignore_index=True))
    last = before.groupby("finding_id")["happened_at"].max()
    for day in days:
        assert (day["happened_at"].to_numpy() == last[day["finding_id"]].to_numpy()).all()


def test_a_county_in_parts_is_the_same_county_and_a_finding_comes_with_its_updates(
    tmp_path: Path,
) -> None:
    generate(tmp_path / "whole", scale=0.005)
    shutil.copytree(tmp_path / "whole", tmp_path / "cut")
    parts(tmp_path / "cut", 3)
    for name in ("findings", "updates"):
        pieces = [read(tmp_path / "cut" / f"{n}-{name}.csv") for n in range(3)]
        whole = read(tmp_path / "whole" / f"{name}.csv").sort_values("source_id", ignore_index=True)
        assert pd.concat(pieces).sort_values("source_id", ignore_index=True).equals(whole)
    for n in range(3):
        own = set(read(tmp_path / "cut" / f"{n}-findings.csv")["source_id"])
        assert set(read(tmp_path / "cut" / f"{n}-updates.csv")["finding_id"]) <= own
