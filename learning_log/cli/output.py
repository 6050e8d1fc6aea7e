"""Prints: plain lines or tables for people, JSON for programs, progress on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for another program.")]
Advance = Callable[[int, int], None]


def say(text: str) -> None:
    typer.echo(text)


def warn(text: str) -> None:
    """To the error stream, so that it does not mix with what is printed for a program."""
    typer.echo(text, err=True)


def as_json(data: Any) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def table(rows: Sequence[dict[str, Any]], nothing: str) -> None:
    """On a terminal a table, elsewhere lines with tabs. Every row has the same keys."""
    if not rows:
        say(nothing)
        return
    columns = list(rows[0])
    if not sys.stdout.isatty():
        for row in rows:
            say("\t".join(_cell(row[column]) for column in columns))
        return
    shown = Table(*(column.replace("_", " ") for column in columns))
    for row in rows:
        shown.add_row(*(_cell(row[column]).replace("[", r"\[") for column in columns))
    Console().print(shown)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@contextmanager
def progress(task: str) -> Iterator[Advance]:
    """Calls of (done, of how many) move a bar, on a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        number = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(number, completed=done, total=total)
