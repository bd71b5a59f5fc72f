"""One collect of the test county in a process of its own, to be killed from outside.

python -m tests.sources.pull_once FOLDER URL [MARK]

With MARK the collect is broken on purpose: it moves the cursor before the rows are landed, writes
the file MARK and waits there for its end.
"""

import sys
import time
from pathlib import Path
from typing import Any

FEED: dict[str, Any] = {
    "type": "http_json",
    "path": "/feed",
    "page_size": 20,
    "updated_field": "updated_at",
}


def main(folder: str, url: str, mark: str = "") -> None:
    from tasks.intake import collect
    from tests.sources.county import NOW, county_of

    county = county_of(Path(folder), FEED, url=url, timeout_seconds=60)
    if mark:
        collect.land_one = _hasty(Path(mark))
    collect.collect_source(county, "feed", NOW)


def _hasty(mark: Path) -> Any:
    from tasks.store import submissions
    from tasks.store.engine import writing

    def land_too_late(
        county: Any, declaration: Any, pulled: Any, now: int, before: submissions.Pulls
    ) -> None:
        with writing(county.engine) as connection:
            after = before.after(now, succeeded=True)
            submissions.move_cursor(
                connection, county.code, declaration.name, pulled.cursor_after, after
            )
            connection.commit()
        mark.touch()
        time.sleep(60)

    return land_too_late


if __name__ == "__main__":
    main(*sys.argv[1:])
