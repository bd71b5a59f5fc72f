"""After a restore of an older store, what had been landed since is taken again by itself."""

from itertools import groupby
from pathlib import Path

from demo.deliveries import deliveries
from demo.world import build
from schemas.settings import Settings, SourceSettings
from tasks.county import open_county
from tasks.intake.collect import collect_source
from tasks.intake.landing import landed
from tasks.intake.marks import Marks
from tasks.store.documents import adopt
from tasks.store.schema import upgrade
from tests.truth.worlds import open_home, take_sent


def test_a_delivery_counts_as_taken_only_while_the_ledger_holds_it(tmp_path: Path) -> None:
    county = open_home(tmp_path / "home")
    sent = [d for d in deliveries(build(seed=3, weeks=1, hazards=30)) if d.source == "registry"]
    adopt(county, sent[0].received_at)
    before = sum(take_sent(county, batch) for _, batch in groupby(sent, key=lambda d: d.source))
    assert before > 0
    assert all(Marks(county).is_taken(d) for d in landed(county.landing, "registry"))

    county.engine.dispose()
    (tmp_path / "home" / "bihuan.sqlite").unlink()
    restored = open_county(
        Settings.load(
            tmp_path / "home",
            config_dir=tmp_path / "home" / "config",
            county="linwan",
            demo=True,
            sources={"registry": SourceSettings(url="http://127.0.0.1:9", timeout_seconds=1)},
        )
    )
    upgrade(restored.engine)
    assert not any(Marks(restored).is_taken(d) for d in landed(restored.landing, "registry"))
    report = collect_source(restored, "registry", sent[-1].received_at)
    assert report.problem, "the source itself is down"
    assert report.appended == before
