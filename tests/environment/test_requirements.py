"""The pinned packages are whole, checkable and the same from any mirror."""

from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"


def _pins(kind: str) -> dict[str, int]:
    """Each pinned requirement with the number of its hashes."""
    pins: dict[str, int] = {}
    for line in (REQUIREMENTS / f"{kind}.txt").read_text().splitlines():
        if line.startswith("    --hash=sha256:"):
            pins[list(pins)[-1]] += 1
        else:
            pins[line.removesuffix(" \\")] = 0
    return pins


@pytest.mark.parametrize("kind", ["run", "speech", "transcribing", "test", "rivals"])
def test_every_package_is_pinned_with_its_hashes(kind: str) -> None:
    pins = _pins(kind)
    assert len(pins) > 40
    assert [pin for pin, hashes in pins.items() if "==" not in pin or not hashes] == []


@pytest.mark.parametrize("kind", ["run", "speech", "transcribing", "test", "rivals"])
def test_no_registry_is_named(kind: str) -> None:
    text = (REQUIREMENTS / f"{kind}.txt").read_text()
    assert [word for word in ("://", "index-url", "find-links", "file:") if word in text] == []


def test_the_project_is_built_without_fetching_a_build_tool() -> None:
    assert any(pin.startswith("setuptools==") for pin in _pins("run"))


def test_the_tests_run_with_the_very_packages_that_people_run() -> None:
    assert _pins("run").keys() - _pins("test").keys() == set()
