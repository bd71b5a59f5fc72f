"""Lists inside a row: an element by its path (`photos[0].url`), or one row per element.

A list reaches the mapping as its JSON text. What is no list is one element as a whole, so that a
source that writes a single element without brackets loses nothing.
"""

import json
import re

import numpy as np
import pandas as pd

from tasks.intake.mapping_text import as_text, by_distinct
from tasks.intake.reading_json import Malformed, parse, table_of, text_array

NUMBER = "#"  # `<list>.#` is the element's place in its list, from 1
_STEP = re.compile(r"\[(-?[0-9]+)\]|\.?([^.\[\]]+)")


def looked_into(column: pd.Series, path: str) -> pd.Series:
    """What stands at `path` (`[0].url`) in each text; blank where there is no such thing."""
    steps = [int(n) if n else key for n, key in _STEP.findall(path)]

    def found(distinct: pd.Series) -> pd.Series:
        return as_text(text_array([_at(_parsed(text), steps) for text in distinct]))

    return by_distinct(column, found)


def one_row_per_element(rows: pd.DataFrame, path: str) -> pd.DataFrame:
    """The rows once for each element of the list at `path`; rows without one are left out.

    An element's keys become the columns `path.key`; `path.#` counts them. A row that has those
    columns already (XML writes a single element so) is one element as it stands.
    """
    under = [c for c in rows.columns if c.startswith(f"{path}.")]
    texts = rows[path].tolist() if path in rows.columns else [""] * len(rows)
    alone = (rows[under] != "").any(axis=1).tolist() if under else [False] * len(rows)
    lists = [_elements(text, one) for text, one in zip(texts, alone, strict=True)]
    counts = np.array([len(elements) for elements in lists], dtype=np.int64)
    repeated = rows.iloc[np.repeat(np.arange(len(rows)), counts)].reset_index(drop=True)
    numbers = [n for count in counts for n in range(1, count + 1)]
    made = _columns(path, [element for elements in lists for element in elements])
    for name, values in made.items():
        held = repeated[name] if name in under else ""
        repeated[name] = values.where(values != "", held)
    repeated[f"{path}.{NUMBER}"] = pd.Series(numbers, dtype="int64").astype("str")
    return repeated


def _columns(path: str, elements: list[object]) -> dict[str, pd.Series]:
    if not any(element != {} for element in elements):
        return {path: pd.Series([""] * len(elements), dtype="str")}
    table = table_of([{path: element} for element in elements]).to_pandas()
    return {str(name): table[name].fillna("").astype("str") for name in table.columns}


def _elements(text: str, is_one: bool) -> list[object]:
    if not text:
        return [{}] if is_one else []
    found = _parsed(text)
    return found if isinstance(found, list) else [found]


def _parsed(text: str) -> object:
    """The JSON value, numbers as their digits; what is no JSON is its own text."""
    try:
        return parse(text.encode())
    except (Malformed, UnicodeEncodeError):
        return text


def _at(value: object, steps: list[int | str]) -> object:
    for step in steps:
        if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        elif isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        else:
            return None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
