"""`bihuan quarantine` lists, exports and shows what stands refused in a home."""

import json
from pathlib import Path

from typer.testing import CliRunner

from flows.cli.main import app
from flows.runtime import opened
from schemas.period import HOUR_MS
from tests.store.tiny import MONDAY, Tiny, finding

run = CliRunner().invoke


def in_home(tiny: Tiny) -> list[str]:
    """The options that lead to a tiny county: its settings go into the home's file."""
    home = tiny.county.home
    folder = tiny.folder("findings")
    (home / "bihuan.toml").write_text(
        f'county = "{tiny.county.settings.county}"\n'
        f'config_dir = "{tiny.county.settings.config_dir}"\n'
        f'[sources.findings]\nfolder = "{folder}"\n'
    )
    return ["--home", str(home), "--json"]


def test_what_stands_refused_is_listed_exported_and_shown(tiny: Tiny, tmp_path: Path) -> None:
    tiny.drop("findings", finding("F1"), finding("F2", town_code="无此镇"))
    tiny.collect("findings", MONDAY + HOUR_MS)
    options = in_home(tiny)
    listed = run(app, ["quarantine", "list", *options])
    assert listed.exit_code == 0, listed.output
    (entry,) = json.loads(listed.stdout)["deliveries"]
    assert (entry["rows"], entry["codes"]) == (1, {"U001": 1})
    which = ["--submission", entry["delivery"][:10], "--out", str(tmp_path / "there")]
    exported = run(app, ["quarantine", "export", *which, "--lang", "en", *options])
    (path,) = json.loads(exported.stdout)["files"]
    assert Path(path).parent == tmp_path / "there" / "findings"
    shown = run(app, ["quarantine", "page", *options])
    assert json.loads(shown.stdout)["files"] == [str(tiny.county.home / "pages/validation.html")]
    assert opened().home == tiny.county.home


def test_an_unknown_source_is_refused_and_another_language_is_wrong_usage(tiny: Tiny) -> None:
    options = in_home(tiny)
    refused = run(app, ["quarantine", "list", "--source", "fndings", *options])
    assert refused.exit_code == 1
    assert "findings" in refused.stderr
    assert run(app, ["quarantine", "export", "--lang", "fr", *options]).exit_code == 2
