"""Puts the commands together and turns every error into a sentence."""

from __future__ import annotations

import sys
from typing import Any

import typer
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from typer.core import TyperGroup

from learning_log.errors import LearningLogError
from learning_log.storage.faults import in_words


class Sentences(TyperGroup):
    """Ends with 0 when all went well, 1 with a sentence when not, 2 when the command itself was mistyped."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except LearningLogError as error:
            _end(str(error))
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            _end(f"The machine said: {error.strerror or type(error).__name__}{where}. Mend that and try again.")
        except IntegrityError:
            _end("This clashes with what is kept already. Nothing was changed. Check names and references.")
        except SQLAlchemyError as error:
            if trouble := in_words(error):
                _end(str(trouble))
            # The message of the database may quote rows: only its kind is said.
            _end(f"The database refused ({type(error).__name__}). Nothing was changed. Look with: whatmatters check")


def _end(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


HELP = (
    "Asks people what is working and what isn't, keeps it with what matters to them, and helps a team learn from it."
    "\n\nStart with [bold]whatmatters demo[/bold] to try it with an invented service, "
    "or [bold]whatmatters init[/bold] to set up your own."
)

app = typer.Typer(
    name="whatmatters",
    cls=Sentences,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def start() -> None:
    """Every command reads its settings from WHATMATTERS_... variables: see docs/settings.md."""


def main() -> None:
    """The console command. What nobody foresaw is told in a sentence too: a traceback may hold words of people."""
    try:
        app()
    except Exception as error:
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_globals.get('__name__', '?')}:{place.tb_lineno}" if place else "?"
        typer.echo(
            f"Something went wrong that was not foreseen ({type(error).__name__} at {where}). "
            "Please report this line; it holds no words of anybody.",
            err=True,
        )
        sys.exit(1)
