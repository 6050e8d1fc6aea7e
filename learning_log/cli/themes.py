"""whatmatters themes: what many reflections are about."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import col, func, select

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import AsJson, as_json, progress, say, table
from learning_log.cli.understanding import encoder_of
from learning_log.errors import LearningLogError
from learning_log.storage.copying import copy_anew
from learning_log.storage.records import Records
from learning_log.storage.tables import OUT_OF_USE, Theme, ThemePlacement

themes = typer.Typer(no_args_is_help=True, help="Themes: found by a machine, decided by people.")
app.add_typer(themes, name="themes")


class PeopleDecided(LearningLogError):
    """People have decided about themes, so they are asked. Nothing was changed. Use: whatmatters themes propose"""


class NoNames(LearningLogError):
    """Nothing was changed. Give names, or --framework, or --none."""


@themes.command("find")
def find(json: AsJson = False, organisation: Organisation = None) -> None:
    """Find themes in all reflections, until people have decided about one. From then on: whatmatters themes propose

    Example: whatmatters themes find
    """
    # Loaded only here: the theme finder takes seconds to load, and other commands do without.
    from learning_log.services import theming, understanding

    with opened(organisation) as here, progress("Finding themes") as advance, understanding.alone(here.log):
        with here.read() as records:
            if not theming.is_free(records):
                raise PeopleDecided
        encoder = encoder_of(here.settings)
        made = theming.find_anew(
            here.log, here.tenant, lambda stage, done, total: advance(done, total), encoder=encoder
        )
    if json:
        as_json(vars(made))
        return
    say(f"{made.found} themes found, {made.kept} of them known before.")
    say(f"{made.placed:,} reflections were placed, {made.waiting:,} fit none yet.")
    say("A machine found them. Read the words before you decide.")


@themes.command("seed")
def seed(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Themes to look for.")] = None,
    framework: Annotated[str, typer.Option(help="Also the names in this file of config/frameworks/.")] = "",
    none: Annotated[bool, typer.Option("--none", help="Look for no names any more.")] = False,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Look for themes by names of your own or of a framework, and for what was said besides.

    Once people have decided about a theme, it is proposed to them. The names are kept for the next time.

    Example: whatmatters themes seed "Food and meals" "Getting out" "Staff changes"

    Example: whatmatters themes seed --framework wales
    """
    from learning_log.services import seeding, understanding

    with opened(organisation) as here, progress("Finding themes") as advance, understanding.alone(here.log):
        wanted = [*(names or []), *(seeding.names_in(framework) if framework else [])]
        if not wanted and not none:
            raise NoNames
        made = seeding.seed(
            here.log, here.tenant, wanted, encoder_of(here.settings), lambda stage, done, total: advance(done, total)
        )
    if json:
        as_json(vars(made))
    elif made.proposal:
        say("People have decided about themes, so it is proposed to them. See: whatmatters themes proposals")
    else:
        say(f"{len(made.drew)} of {len(made.names)} names drew answers, and {made.besides} themes were found besides.")
        if without := sorted(set(made.names) - set(made.drew)):
            say(f"Nobody spoke of: {', '.join(without)}.")


@themes.command("list")
def list_themes(json: AsJson = False, organisation: Organisation = None) -> None:
    """List the themes, the largest first."""
    with opened(organisation) as here, here.read() as records:
        counted = select(ThemePlacement.theme_id, func.count()).group_by(col(ThemePlacement.theme_id))
        sizes: dict[Any, int] = dict(records.all(counted))
        in_use = records.all(select(Theme).where(col(Theme.state).not_in(OUT_OF_USE)))
        found = sorted(in_use, key=lambda theme: (-sizes.get(theme.id, 0), theme.key))
        rows = [_row(records, theme, sizes.get(theme.id, 0)) for theme in found]
    if json:
        as_json(rows)
    else:
        table(rows, "There are no themes yet. Find some with: whatmatters themes find")


@themes.command("recount")
def recount(json: AsJson = False, organisation: Organisation = None) -> None:
    """Make anew what themes are counted from. It is kept right by itself; this shows whether it was.

    Example: whatmatters themes recount
    """
    with opened(organisation) as here, here.write() as records:
        wrong = copy_anew(records.session.connection(), here.tenant)
        counted = records.first(select(func.count()).select_from(ThemePlacement))
    if json:
        as_json({"counted": counted, "were_wrong": wrong})
        return
    say(
        f"{counted:,} places of answers in themes are counted. "
        + (f"{wrong:,} were wrong." if wrong else "All were right.")
    )


@themes.command("explain")
def explain(
    reflection: Annotated[UUID, typer.Argument(help="The id of a reflection, as an export shows it.")],
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Say why a reflection stands in its themes, and what came nearest besides. Its words are not shown.

    Example: whatmatters themes explain 01a2150b-8ab7-72d6-85af-515e96727241
    """
    # Loaded only here: the theme finder takes seconds to load, and other commands do without.
    from learning_log.services import explaining

    with opened(organisation) as here, here.read() as records:
        reasons = explaining.why(records, reflection, encoder_of(here.settings))
    rows = [
        {
            "theme": one.label,
            "stands_there": {"machine": "yes", "person": "yes, a person put it there"}.get(one.placed_by, "no"),
            "strength": one.strength,
            "nearness": one.near,
            "needed": one.bar,
            "terms": one.terms,
            "id": one.theme,
        }
        for one in reasons
    ]
    if json:
        as_json(rows)
        return
    table(rows, "There are no themes yet. Find some with: whatmatters themes find")
    say("Nearness is to the middle of the theme, 1 at most, by the nearest of the points that the answer makes.")


def _row(records: Records, theme: Theme, size: int) -> dict[str, Any]:
    return {
        "theme": records.text(theme, "label"),
        "direction": theme.direction,
        "reflections": size,
        "state": theme.state,
        "locked": "yes" if theme.locked else "",
        "clarity": round(theme.clarity, 2),
        "id": theme.id,
    }
