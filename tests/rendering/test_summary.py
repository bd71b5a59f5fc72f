"""The Markdown summary: short, complete for the ranking, and unable to carry markup."""

from collections.abc import Callable

import pytest

from schemas.edition import Edition
from tasks.rendering.catalogue import LANGUAGES, text
from tasks.rendering.grid import Column, Grid, Row
from tasks.rendering.summary import MAX_ROWS, escaped, render_summary, table


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_town_has_a_line(lang: str, make_edition: Callable[..., Edition]) -> None:
    edition = make_edition()
    summary = render_summary(edition, lang)
    for unit in edition["body"]["towns"]:
        assert escaped(unit["name"][lang]) in summary  # type: ignore[literal-required]
    assert text("fictitious.title", lang) in summary
    assert summary == render_summary(make_edition(), lang)


@pytest.mark.parametrize(
    "words", ["a|b", "[x](http://e.x)", "<script>", "**b**", "a\nb", "www.e.x"]
)
def test_a_name_cannot_become_markup(words: str, edition: Edition) -> None:
    edition["body"]["towns"][0]["name"]["zh"] = words
    summary = render_summary(edition, "zh")
    assert words not in summary
    heads = next(line for line in summary.splitlines() if line.startswith("|"))
    named = next(line for line in summary.splitlines() if escaped(words) in line)
    assert named.count("|") == heads.count("|")


def test_a_long_table_is_cut_and_says_so() -> None:
    rows = tuple(Row((str(i),)) for i in range(MAX_ROWS + 5))
    said = table(Grid("t", (Column("c", "name"),), rows), "en")
    assert len([line for line in said.splitlines() if line.startswith("|")]) == MAX_ROWS + 2
    assert "5 more rows" in said
