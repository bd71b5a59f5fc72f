import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.runtime import environment, is_transient, moment, prepare, standing_at
from schemas.settings import Settings
from tasks.configuration import ConfigurationError
from tasks.store.lease import LeaseHeld
from tasks.store.schema import SchemaOutdated


def test_prefect_stays_in_the_home_and_tells_nobody(tmp_path: Path) -> None:
    found = environment(Settings.load(tmp_path))
    assert found["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert found["DO_NOT_TRACK"] == "1"
    for name in ("PREFECT_HOME", "PREFECT_PROFILES_PATH", "PREFECT_SERVER_DATABASE_CONNECTION_URL"):
        assert str(tmp_path) in found[name]
    assert "bihuan.sqlite" not in found["PREFECT_SERVER_DATABASE_CONNECTION_URL"]


def test_prefect_takes_the_settings_over_those_of_the_shell(tmp_path: Path) -> None:
    code = (
        "import os; os.environ['PREFECT_API_URL'] = 'http://example.invalid/api'\n"
        "from flows.runtime import prepare; from schemas.settings import Settings\n"
        f"prepare(Settings.load({str(tmp_path)!r}))\n"
        "from prefect.settings import get_current_settings as s\n"
        "print(s().server.analytics_enabled, s().api.url, s().server.ephemeral.enabled,\n"
        "      s().server.ephemeral.startup_timeout_seconds, s().home)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert out.stdout.split() == ["False", "None", "True", "120", str(tmp_path / "prefect")]


def test_a_server_named_in_the_settings_is_used(tmp_path: Path) -> None:
    prepare(Settings.load(tmp_path, prefect_api_url="http://127.0.0.1:4999/api"))
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:4999/api"


def test_only_a_demo_home_has_a_clock_that_stands_still(home: Path) -> None:
    with standing_at(1_741_600_000_000), pytest.raises(ConfigurationError, match="demo"):
        moment()
    (home / "bihuan.toml").write_text('demo = true\ncounty = "cixi"\n')
    with standing_at(1_741_600_000_000):
        assert moment() == 1_741_600_000_000
    assert moment() > 1_741_600_000_000


def test_only_what_may_pass_by_itself_is_tried_again() -> None:
    assert is_transient(LeaseHeld("x"))
    assert is_transient(ConnectionResetError())
    assert not is_transient(SchemaOutdated("x"))
    assert not is_transient(ValueError("x"))


def test_importing_a_flow_does_not_import_great_expectations() -> None:
    code = (
        "import sys; from importlib import import_module\n"
        "for name in ('collect', 'supervise', 'bulletin', 'late', 'act', 'audit'):\n"
        "    import_module('flows.' + name)\n"
        "    if 'great_expectations' in sys.modules: sys.exit(name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
