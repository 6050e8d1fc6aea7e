"""Layouts: what a file's columns and values mean, in config/import_layouts/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from learning_log import config
from learning_log.domain.folding import folded
from learning_log.errors import SettingsWrong

FOLDER = "import_layouts"


@dataclass(frozen=True)
class Layout:
    """`columns` maps our columns to the file's; `values` maps the file's values to ours, for some of our columns."""

    name: str
    kind: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    source: str | None = None


def read_layout(name: str, kind: str) -> Layout:
    """kind: reflections, people or indicators. Raises SettingsWrong, with the names of those there are."""
    fitting = [known for known in config.names(FOLDER) if kind in config.load(f"{FOLDER}/{known}")]
    if name not in fitting:
        raise SettingsWrong(
            f"There is no layout {name!r} for {kind}. Nothing was changed. There is: {', '.join(fitting)}."
        )
    table = config.load(f"{FOLDER}/{name}")[kind]
    if not isinstance(table, dict) or not isinstance(table.get("columns"), dict):
        raise SettingsWrong(f"The layout {name!r} has no [{kind}.columns]. Nothing was changed. Mend that file.")
    return Layout(
        name=name,
        kind=kind,
        columns=table["columns"],
        values={
            column: {folded(theirs): ours for theirs, ours in values.items()}
            for column, values in table.get("values", {}).items()
        },
        fixed=table.get("fixed", {}),
        date_format=table.get("date_format"),
        source=table.get("source"),
    )


def in_our_words(layout: Layout, column: str, cell: str) -> str | None:
    """The cell as our value; none when the layout lists values and this is not one of them."""
    listed = layout.values.get(column)
    return cell if listed is None else listed.get(folded(cell))
