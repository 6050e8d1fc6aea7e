"""whatmatters feelings: what was learnt from what people said of how answers sound."""

from __future__ import annotations

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import AsJson, as_json, say


@app.command()
def feelings(json: AsJson = False, organisation: Organisation = None) -> None:
    """Say whether the hint beside answers is learnt from what your teams said, and how good it is.

    It is learnt by itself, by whatmatters understand. It is never added up about a person, a worker or a service.

    Example: whatmatters feelings
    """
    # Loaded only here: it takes a second to load, and other commands do without.
    from learning_log.services import judging

    with opened(organisation) as here, here.read() as records:
        found = judging.state(records)
    if json:
        as_json(vars(found))
        return
    say(f"Your teams said of {found.said:,} answers how they sound.")
    if found.agreed is not None and found.by_word_list is not None:
        say(f"The hint is learnt from {found.learnt_from:,} of them.")
        learnt, listed = round(100 * found.agreed), round(100 * found.by_word_list)
        say(f"It said the same as people of {learnt} in 100 answers that it had not seen, the word list of {listed}.")
    elif found.said < found.needed:
        say(f"The hint comes from the word list. It is learnt from {found.needed:,} answers on.")
    else:
        say("The hint comes from the word list: what was learnt was no better, or nothing was learnt yet.")
