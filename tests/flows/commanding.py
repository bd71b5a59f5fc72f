"""Commands typed one after the other into one process of their own, whose imports are paid once.

python -m tests.flows.commanding     a JSON list of arguments per line → what came of it
"""

import json
import sys

from typer.testing import CliRunner

from flows.cli.main import app

if __name__ == "__main__":
    for line in sys.stdin:
        done = CliRunner().invoke(app, json.loads(line))
        told = {"returncode": done.exit_code, "stdout": done.stdout, "stderr": done.stderr}
        print(json.dumps(told), flush=True)  # noqa: T201
