"""The demo's organisation and the shipped policy, as plain dicts.

Promise: the same files are found in a source tree and in an installed wheel. The organisation is
checked by its schema; the policy stays a plain dict, so that the world reads the numbers that the
office wrote and shares no code with the pipeline.
"""

from pathlib import Path
from typing import Any

import yaml

from schemas.organisation import Organisation

HERE = Path(__file__).resolve().parent
_CONFIG = (HERE.parent / "config", HERE.parent / "bihuan_data" / "config")


def organisation(path: Path | None = None) -> Organisation:
    """The fictitious county (demo/organisation.yaml) unless another file is named."""
    text = (path or HERE / "organisation.yaml").read_text(encoding="utf-8")
    return Organisation.model_validate(yaml.safe_load(text))


def policy(path: Path | None = None) -> dict[str, Any]:
    """The shipped policy.yaml or the file named. FileNotFoundError says where it looked."""
    for candidate in [path] if path else [folder / "cixi" / "policy.yaml" for folder in _CONFIG]:
        if candidate.is_file():
            loaded: dict[str, Any] = yaml.safe_load(candidate.read_text(encoding="utf-8"))
            return loaded
    raise FileNotFoundError(f"no policy.yaml in {[str(f) for f in _CONFIG]}: pass --policy")
