"""whatmatters check wording: are the bot's texts as easy to read as they are to be?"""

from __future__ import annotations

import typer

from learning_log.cli.checking import checks
from learning_log.cli.output import AsJson, as_json, say
from learning_log.services import wording as catalogue


@checks.command("wording")
def wording(json: AsJson = False) -> None:
    """Count the bot's texts against the rules of Easy Read, in every language. Ends with 1 where one is broken.

    The figures are in config/easy_read.toml. What only comes near one is said, and does not fail.

    Example: whatmatters check wording
    """
    found, languages = catalogue.look(), catalogue.languages()
    broken = [each for each in found if each.fails]
    if json:
        as_json(
            {
                "ok": not broken,
                "languages": [vars(each) for each in languages],
                "found": [vars(each) for each in found],
            }
        )
    else:
        for each in found:
            say(f"{'WRONG' if each.fails else 'near '} {each.file}: {each.key or '(all)'}: {each.rule}: {each.said}")
        for language in languages:
            state = "approved by a reader with a learning disability" if language.approved else "a draft"
            grade = "" if language.grade is None else f" grade {language.grade:g},"
            say(f"{language.name}: {language.texts} texts,{grade} {state}.")
        say(f"{len(broken)} rules are broken." if broken else "No rule is broken.")
    if broken:
        raise typer.Exit(1)
