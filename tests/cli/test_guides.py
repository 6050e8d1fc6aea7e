"""The guides name what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning_log.config import names
from learning_log.services.importing.layouts import read_layout
from learning_log.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_is_explained() -> None:
    guide = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"`WHATMATTERS_{name.upper()}`" in guide


@pytest.mark.parametrize("kind", ["reflections", "people", "indicators"])
def test_every_column_and_every_layout_is_explained(kind: str) -> None:
    guide = (DOCS / "import-export.md").read_text(encoding="utf-8")
    for column in read_layout("default", kind).columns:
        assert f"`{column}`" in guide
    for layout in names("import_layouts"):
        assert f"`{layout}`" in guide
