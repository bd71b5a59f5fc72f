import os
import shutil
import stat
import tomllib
from pathlib import Path

import pytest
import yaml

from flows import playing
from flows.cli.homes import THROW_AWAY, make_home, write_toml
from flows.cli.session import Refused
from schemas.settings import Settings
from tasks.county import config_folder, open_county
from tasks.doctoring import CHECKS, Check, examine
from tasks.store.schema import latest, version
from tasks.store.vault import SealRequest, Vault, VaultError, unseal
from tasks.store.vault_keys import read_key


def test_a_new_home_has_settings_a_store_at_the_latest_version_and_a_vault(tmp_path: Path) -> None:
    made = make_home(tmp_path / "h", "cixi")
    assert made["schema"] == latest()
    county = open_county(Settings.load(tmp_path / "h"))
    assert version(county.engine) == latest()
    assert county.organisation.code == "330282"


def test_the_custodians_key_is_written_once_beside_the_home_and_opens_the_vault(
    tmp_path: Path,
) -> None:
    key = Path(make_home(tmp_path / "h", "cixi")["private_key"])
    assert key == tmp_path / "h.custodian.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    vault = tmp_path / "h" / "vault"
    (token,) = Vault.open(vault).seal([SealRequest("complaints", b"row", b"who")])
    assert unseal(vault, read_key(key), token) == b"who"
    everything = [p.read_bytes() for p in (tmp_path / "h").rglob("*") if p.is_file()]
    assert not any(read_key(key) in c or read_key(key).hex().encode() in c for c in everything)


def test_the_key_goes_where_it_is_wanted_but_not_into_the_home_nor_over_another(
    tmp_path: Path,
) -> None:
    stick = tmp_path / "stick.key"
    with pytest.raises(Refused, match="name another place"):
        make_home(tmp_path / "h", "cixi", key=tmp_path / "h" / "custodian.key")
    assert make_home(tmp_path / "h", "cixi", key=stick)["private_key"] == str(stick)
    before = stick.read_bytes()
    with pytest.raises(VaultError, match="no key is written over"):
        make_home(tmp_path / "other", "cixi", key=stick)
    assert stick.read_bytes() == before
    assert not (tmp_path / "other" / "vault").exists(), "no vault without its key"


def test_only_a_demo_has_its_key_in_the_home_and_calls_it_what_it_is(tmp_path: Path) -> None:
    write_toml(tmp_path, 'demo = true\ncounty = "cixi"\n')
    assert make_home(tmp_path, "cixi")["private_key"] == str(tmp_path / THROW_AWAY)
    assert "throw-away" in THROW_AWAY


def test_making_a_home_again_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "h"
    key = Path(make_home(home, "cixi", copy_config=True)["private_key"])
    key.unlink()
    (home / "bihuan.toml").write_text('county = "cixi"\n# mine\n')
    made = make_home(home, "cixi", copy_config=True)
    assert made["created"] == []
    assert made["private_key"] is None
    assert "# mine" in (home / "bihuan.toml").read_text()
    assert not key.exists()


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


def _checked(home: Path, name: str) -> Check:
    return next(c for c in examine(Settings.load(home), "en") if c.name == name)


def test_doctor_names_who_is_told_without_an_address(home: Path) -> None:
    routes = [{"when": ["run_failed"], "to": ["duty", "office"]}]
    config = home / "config" / "cixi"
    shutil.copytree(config_folder(Settings.load(home)), config)
    (config / "notify.yaml").write_text(yaml.safe_dump({"routes": routes}), "utf-8")
    settings = home / "bihuan.toml"
    own = settings.read_text("utf-8") + f'config_dir = "{home / "config"}"\n'
    settings.write_text(own + '[notify.duty]\nurls = ["http://127.0.0.1:9/"]\n', "utf-8")
    found = _checked(home, "told")
    assert (found.level, "office" in found.message, "duty" in found.message) == (
        "warn", True, False,
    )  # fmt: skip


def test_doctor_says_whether_anybody_outside_holds_the_seals(home: Path) -> None:
    assert _checked(home, "holders").level == "warn"
    settings = home / "bihuan.toml"
    settings.write_text('seal_to = ["archive"]\n' + settings.read_text("utf-8"), "utf-8")
    assert _checked(home, "holders").level == "fail"
    assert "archive" in _checked(home, "holders").message
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'[upward.archive]\nfolder = "{home.parent}"\n')
    assert _checked(home, "holders").level == "ok"


def test_relative_paths_of_the_settings_begin_in_the_home_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        'config_dir = "config"',
        '[sources.grid]\nfolder = "incoming/grid"',
        '[sources.inspection]\ntoken_file = "tokens/one"',
        '[upward.city]\nfolder = "/mnt/in"',
    )
    home = tmp_path / "h"
    home.mkdir()
    (home / "bihuan.toml").write_text("\n".join(lines), "utf-8")
    monkeypatch.chdir(tmp_path)
    settings = Settings.load("h")
    assert settings.config_dir == home / "config"
    assert settings.sources["grid"].folder == home / "incoming" / "grid"
    assert settings.sources["inspection"].token_file == home / "tokens" / "one"
    assert settings.upward["city"].folder == Path("/mnt/in")
