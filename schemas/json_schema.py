"""The JSON Schema of a source's YAML, by which editors complete and check it.

    python -m schemas.json_schema > config/source.schema.json

A test keeps the file equal to the models; every shipped YAML names it in its first line.
"""

import json
import sys

from schemas.source import SourceDeclaration

FILE = "source.schema.json"  # beside the counties, in config/
MODELINE = f"# yaml-language-server: $schema=../../{FILE}\n"


def text() -> str:
    """The schema as the file holds it."""
    schema = SourceDeclaration.model_json_schema(by_alias=True)
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
