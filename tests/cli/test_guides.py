"""The guides name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.metrics import Metrics
from learning_log.config import names
from learning_log.services.delivery import Delivery
from learning_log.services.doctoring import CASES
from learning_log.services.importing.layouts import read_layout
from learning_log.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_explained() -> None:
    guide = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"`WHATMATTERS_{name.upper()}`" in guide
    assert "`WHATMATTERS_SECRETS_DIR`" in guide


def test_everything_that_the_doctor_says_is_explained() -> None:
    guide = (DOCS / "administrators.md").read_text(encoding="utf-8")
    for name in CASES:
        assert f"`{name}`" in guide


def test_every_figure_to_watch_is_one_that_the_worker_has() -> None:
    guide = (DOCS / "administrators.md").read_text(encoding="utf-8")
    metrics = Metrics()
    metrics.waiting.seen = Delivery(0, {"alert": 0, "prompt": 0}, 0, 0, 0, 0, 0.0, 0, 0, 0.0, ())
    figures = metrics.text().decode()
    named = set(re.findall(r"\bwhatmatters_[a-z_]+", guide))
    assert len(named) > 8
    for name in named:
        assert f"# TYPE {name} " in figures


@pytest.mark.parametrize("kind", ["reflections", "people", "indicators"])
def test_every_column_and_every_layout_is_explained(kind: str) -> None:
    guide = (DOCS / "import-export.md").read_text(encoding="utf-8")
    for column in read_layout("default", kind).columns:
        assert f"`{column}`" in guide
    for layout in names("import_layouts"):
        assert f"`{layout}`" in guide
