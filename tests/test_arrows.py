"""bot → learning_log ← sense_making_app; inside the log services → {storage, analysis} → domain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {
    "bot": {"bot", "learning_log"},
    "sense_making_app": {"sense_making_app", "learning_log"},
    "learning_log/domain": {"learning_log.domain", "learning_log.errors"},
    "learning_log/analysis": {
        "learning_log.analysis",
        "learning_log.domain",
        "learning_log.errors",
        "learning_log.config",
    },
    "learning_log/storage": {
        "learning_log.storage",
        "learning_log.domain",
        "learning_log.errors",
        "learning_log.settings",
        "learning_log.clock",
        "learning_log.config",
    },
    "learning_log": {"learning_log"},
}
OURS = ("bot", "learning_log", "sense_making_app")
FRONTS = {"telegram", "streamlit", "starlette"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_imports_only_what_it_may(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        for module in imports(path):
            if module.split(".")[0] in OURS:
                allowed = any(module == name or module.startswith(f"{name}.") for name in ROOMS[room])
                # `from learning_log import config` names the package alone.
                assert allowed or module == "learning_log", f"{path.relative_to(ROOT)} imports {module}"


def test_the_log_knows_neither_telegram_nor_streamlit() -> None:
    for path in (ROOT / "learning_log").rglob("*.py"):
        assert not FRONTS & {module.split(".")[0] for module in imports(path)}, path


def test_the_domain_needs_only_the_standard_library() -> None:
    import sys

    for path in (ROOT / "learning_log" / "domain").rglob("*.py"):
        for module in imports(path):
            assert module.split(".")[0] in {*sys.stdlib_module_names, "learning_log"}, f"{path}: {module}"


def test_config_holds_no_python() -> None:
    assert list((ROOT / "config").rglob("*.py")) == []
