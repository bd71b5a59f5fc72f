"""One collect of the test county in a process of its own, to be killed from outside.

python -m tests.sources.pull_once FOLDER URL
"""

import sys
from pathlib import Path
from typing import Any

FEED: dict[str, Any] = {
    "type": "http_json",
    "path": "/feed",
    "page_size": 20,
    "updated_field": "updated_at",
}


def main(folder: str, url: str) -> None:
    from tasks.intake.collect import collect_source
    from tests.sources.county import NOW, county_of

    county = county_of(Path(folder), FEED, url=url, timeout_seconds=60)
    collect_source(county, "feed", NOW)


if __name__ == "__main__":
    main(*sys.argv[1:])
