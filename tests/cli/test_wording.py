"""whatmatters check wording says which text breaks which rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from learning_log import config
from tests.cli.conftest import Run


@pytest.fixture
def own_config(tmp_path: Path) -> Iterator[Path]:
    """A copy of config/ to spoil."""
    yield copytree(config.folder(), tmp_path / "config")
    config.load.cache_clear()


def test_nothing_is_wrong_with_the_texts_that_come_with_it(bare: Run) -> None:
    said = json.loads(bare("check", "wording", "--json").stdout)
    assert said["ok"]
    assert {"name", "approved", "texts", "grade"} <= said["languages"][0].keys()
    assert "No rule is broken." in bare("check", "wording").stdout


def test_it_names_file_key_and_rule_and_ends_with_1(bare: Run, own_config: Path) -> None:
    catalogue = own_config / "wording" / "en.toml"
    catalogue.write_text(catalogue.read_text().replace('ready = "All done.', 'ready = "All done, via the MDT.'))
    config.load.cache_clear()
    broken = bare("check", "wording", WHATMATTERS_CONFIG_DIR=str(own_config))
    assert broken.exit_code == 1
    assert "WRONG config/wording/en.toml: joining.ready: capitals" in broken.stdout
    assert "WRONG config/wording/en.toml: joining.ready: plain words: 'via': say 'by'" in broken.stdout


def test_a_language_that_lacks_a_text_or_a_value_is_found(bare: Run, own_config: Path) -> None:
    english = (own_config / "wording" / "en.toml").read_text()
    other = english.replace('language = "English"', 'language = "Other"').replace("{when}", "{then}")
    (own_config / "wording" / "xx.toml").write_text(other.replace('ready = "All done. We can start now."\n', ""))
    config.load.cache_clear()
    broken = bare("check", "wording", WHATMATTERS_CONFIG_DIR=str(own_config))
    assert broken.exit_code == 1
    assert "config/wording/xx.toml: joining.ready: missing" in broken.stdout
    assert "config/wording/xx.toml: pace.done: values: asks for ['then'] and not ['when']" in broken.stdout
