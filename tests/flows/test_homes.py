import os
import stat
import tomllib
from pathlib import Path

import pytest

from flows import playing
from flows.cli.homes import KEY_FILE, make_home
from flows.cli.session import Refused
from schemas.settings import Settings
from tasks.county import open_county
from tasks.doctoring import CHECKS, examine
from tasks.store.schema import latest, version
from tasks.store.vault import SealRequest, Vault, unseal


def test_a_new_home_has_settings_a_store_at_the_latest_version_and_a_vault(tmp_path: Path) -> None:
    made = make_home(tmp_path / "h", "cixi")
    assert made["schema"] == latest()
    county = open_county(Settings.load(tmp_path / "h"))
    assert version(county.engine) == latest()
    assert county.organisation.code == "330282"


def test_the_custodians_key_is_written_once_for_its_owner_only_and_opens_the_vault(
    tmp_path: Path,
) -> None:
    make_home(tmp_path, "cixi")
    key = tmp_path / KEY_FILE
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    (token,) = Vault.open(tmp_path / "vault").seal([SealRequest("complaints", b"row", b"who")])
    assert unseal(tmp_path / "vault", bytes.fromhex(key.read_text().strip()), token) == b"who"


def test_making_a_home_again_changes_nothing(tmp_path: Path) -> None:
    make_home(tmp_path, "cixi", copy_config=True)
    (tmp_path / KEY_FILE).unlink()
    (tmp_path / "bihuan.toml").write_text('county = "cixi"\n# mine\n')
    made = make_home(tmp_path, "cixi", copy_config=True)
    assert made["created"] == []
    assert made["private_key"] is None
    assert "# mine" in (tmp_path / "bihuan.toml").read_text()
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_written_settings_are_readable_and_private(tmp_path: Path, lang: str) -> None:
    from flows.cli.words import choose

    os.environ["BIHUAN_LANG"] = lang
    choose(tmp_path)
    make_home(tmp_path, "cixi", copy_config=True)
    found = tomllib.loads((tmp_path / "bihuan.toml").read_text("utf-8"))
    assert found == {"county": "cixi", "config_dir": str(tmp_path / "config")}
    assert stat.S_IMODE((tmp_path / "bihuan.toml").stat().st_mode) == 0o600


def test_a_county_without_configuration_is_refused_with_those_that_have_one(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cixi"):
        make_home(tmp_path, "atlantis", copy_config=True)


def test_a_demo_clears_its_own_home_and_no_other(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.docx").write_text("x")
    with pytest.raises(playing.NotADemo):
        playing.clear(mine)
    assert (mine / "thesis.docx").exists()
    (mine / "bihuan.toml").write_text("demo = true\n")
    playing.clear(mine)
    assert list(mine.iterdir()) == []


def test_a_demo_home_does_not_follow_a_link_out_of_itself(tmp_path: Path) -> None:
    outside, demo = tmp_path / "outside", tmp_path / "demo"
    outside.mkdir()
    (outside / "kept").write_text("x")
    demo.mkdir()
    (demo / "bihuan.toml").write_text("demo = true\n")
    (demo / "link").symlink_to(outside)
    playing.clear(demo)
    assert (outside / "kept").exists()


def test_doctor_finds_a_fresh_home_in_order_and_names_what_is_still_to_do(home: Path) -> None:
    os.environ.update({"DO_NOT_TRACK": "1"})
    checks = {c.name: c for c in examine(Settings.load(home), "en")}
    assert set(checks) == set(CHECKS)
    assert [c for c in checks.values() if c.level == "fail"] == []
    assert checks["sources"].level == "warn"
    assert "inspection" in checks["sources"].message
    assert checks["vault"].level == "warn"  # the private key is still here


def test_doctor_says_what_to_run_where_there_is_no_home(tmp_path: Path) -> None:
    checks = {c.name: c for c in examine(Settings.load(tmp_path / "none"), "en")}
    assert checks["home"].level == "fail"
    assert "bihuan init" in checks["home"].message
    assert not (tmp_path / "none").exists()


def test_doctor_speaks_both_languages_about_every_check(home: Path) -> None:
    chinese = examine(Settings.load(home), "zh")
    assert [c.name for c in chinese if "could not" in c.message or "无法检查" in c.message] == []


def test_one_broken_check_is_a_finding_and_not_the_end(home: Path) -> None:
    (home / "bihuan.toml").write_text('county = "atlantis"\n')
    checks = {c.name: c for c in examine(Settings.load(home), "en")}
    assert checks["configuration"].level == "fail"
    assert "atlantis" in checks["configuration"].message
    assert checks["python"].level == "ok"
