"""Every word that people read exists in both languages, and in the standard terms."""

import inspect
import re
from collections.abc import Iterable
from enum import Enum

import pytest

from rules.counting import RATES
from rules.elements import Need
from rules.fold import REASONS
from schemas import vocabulary
from schemas.edition import COVERAGE_MEASURES, MEASURES
from tasks.rendering import catalogue
from tasks.rendering.catalogue import LANGUAGES, MessageError, text, word, word_key

ENUMS = [
    kind
    for _, kind in inspect.getmembers(vocabulary, inspect.isclass)
    if issubclass(kind, Enum) and kind.__module__ == vocabulary.__name__
]
FOLDER = catalogue.FOLDER.parent
CHINESE = re.compile("[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"{(\w+)}")


def unworded(keys: Iterable[str]) -> list[str]:
    """The keys that lack wording in a language."""
    found = catalogue.messages()
    return [
        k for k in keys if any(not found.get(k, {}).get(lang, "").strip() for lang in LANGUAGES)
    ]


def test_every_key_has_wording_in_every_language() -> None:
    assert unworded(catalogue.messages()) == ["format.parts"]  # Chinese joins with nothing


def test_english_wording_has_no_chinese_in_it() -> None:
    assert [k for k, words in catalogue.messages().items() if CHINESE.search(words["en"])] == []


def test_both_languages_take_the_same_values() -> None:
    taken = {
        key: {frozenset(PLACEHOLDER.findall(said)) for said in words.values()}
        for key, words in catalogue.messages().items()
        if not key.startswith("format.day")  # a month by number or by name
    }
    assert [key for key, values in taken.items() if len(values) > 1] == []


def test_every_word_of_the_vocabulary_has_wording() -> None:
    assert len(ENUMS) > 10
    assert unworded(word_key(member) for kind in ENUMS for member in kind) == []
    assert word(vocabulary.State.CLOSED, "zh") == "销号"


def test_every_measure_has_wording() -> None:
    assert unworded(f"measure.{m}" for m in (*MEASURES, *COVERAGE_MEASURES)) == []


def test_every_rate_has_a_name_and_a_formula() -> None:
    assert unworded(f"rate.{r}{end}" for r in RATES for end in ("", ".formula")) == []


def test_every_reason_why_a_fact_is_ineffective_has_wording() -> None:
    assert unworded(f"reason.{r}" for r in REASONS if r) == []


def test_everything_a_guard_can_need_has_a_name() -> None:
    assert unworded(f"need.{n.name.lower()}" for n in Need if n.name) == []


@pytest.mark.parametrize(
    ("key", "term"),
    [
        ("state.closed", "销号"),
        ("state.rectifying", "整改中"),
        ("fact_kind.delisted", "摘牌"),
        ("fact_kind.listed", "挂牌督办"),
        ("rung.urge", "催办"),
        ("rung.supervise", "督办函"),
        ("rung.criticise", "通报"),
        ("rung.interview", "约谈"),
        ("rate.five_elements", "五到位率"),
        ("measure.reworked", "返工"),
        ("measure.overdue", "逾期"),
        ("edition_kind.weekly", "周通报"),
        ("revision_class.R1", "迟报补报"),
        ("bulletin.correction", "更正通报"),
        ("section.quarantined", "退回待改"),
        ("need.interim_control", "整改期间管控"),
    ],
)
def test_the_standard_terms_are_used(key: str, term: str) -> None:
    assert text(key, "zh") == term


@pytest.mark.parametrize(
    ("key", "lang", "said"),
    [("state.gone", "zh", "state.gone"), ("state.closed", "fr", "fr")],
)
def test_an_unknown_key_or_language_raises_and_is_named(key: str, lang: str, said: str) -> None:
    with pytest.raises(MessageError, match=said):
        text(key, lang)


def test_a_missing_value_raises_and_is_named() -> None:
    with pytest.raises(MessageError, match=r"bulletin\.issue.*'n'"):
        text("bulletin.issue", "zh")


def test_braces_in_data_are_only_data() -> None:
    assert "{0.__class__}" in text("bulletin.title", "zh", county="{0.__class__}", kind="")


def test_no_template_and_no_module_has_chinese_wording_of_its_own() -> None:
    for path in FOLDER.glob("templates/**/*.j2"):
        assert not CHINESE.search(path.read_text("utf-8")), path.name


def test_no_template_has_words_outside_the_catalogue() -> None:
    for path in FOLDER.glob("templates/**/*.j2"):
        bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", path.read_text("utf-8"), flags=re.S)
        assert not re.search(r"\w", re.sub(r"<[^>]*>", "", bare)), path.name
