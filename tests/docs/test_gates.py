"""The page of gates has a rate for each pair of models that the soak makes."""

from __future__ import annotations

from tests.runtime.test_simulated import PAGE, TABLE


def test_each_row_of_the_simulation_has_its_figures_on_the_page() -> None:
    """A row without them was held to nothing but its bound, and readers were told nothing of it."""
    page = PAGE.read_text(encoding="utf-8")
    for row in TABLE:
        assert f"| {row.what} | {row.rows} | {row.cases} |" in page, row.what
