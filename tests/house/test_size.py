"""Small modules, small functions: what keeps a change readable in one sitting."""

from statistics import median, quantiles

from tests.house.code import PACKAGES, modules

# A migration is a frozen list of columns, not a text to understand.
OURS = tuple(
    m for m in modules(*PACKAGES, "bench", "tools") if "/migrations/versions/" not in m.path
)


def test_no_module_is_longer_than_300_lines() -> None:
    sizes = {m.path: len(m.text.splitlines()) for m in OURS}
    assert {path: n for path, n in sizes.items() if n > 300} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    assert [f"{where}: {n}" for m in OURS for where, n in m.functions() if n > 50] == []


def test_half_of_all_functions_have_at_most_10_lines_and_nine_in_ten_at_most_30() -> None:
    lines = [n for m in OURS if m.path.startswith(PACKAGES) for _, n in m.functions()]
    assert median(lines) <= 10
    assert quantiles(lines, n=10)[-1] <= 30
