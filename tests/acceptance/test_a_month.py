"""The page about a month with the product says what the product says."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.a_month import APP, PAGE, SCREENS, transcript


def test_the_page_about_a_month_is_what_the_code_says_today(tmp_path: Path) -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert transcript(tmp_path) + APP == written, "The product says something else by now. Run: script/a-month"


def test_every_screen_of_the_page_is_there() -> None:
    named = {line.split('src="a-month/')[1].split('"')[0] for line in PAGE.read_text().splitlines() if "src=" in line}
    assert named == {path.name for path in SCREENS.glob("*.png")}
