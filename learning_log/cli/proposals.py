"""whatmatters themes propose, apply, undo and their like: what is done about themes, and how it is taken back."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from learning_log import config
from learning_log.cli.opening import Opened, Organisation, opened
from learning_log.cli.output import AsJson, as_json, progress, say, table
from learning_log.cli.themes import themes
from learning_log.cli.understanding import encoder_of

Which = Annotated[UUID, typer.Argument(help="The id of a proposal, as proposals lists it.")]
WhichStep = Annotated[UUID, typer.Argument(help="The id of a step, as steps lists it.")]
SHOWN = 12
# Everything of the theme finder is loaded inside the commands: it takes seconds, and other commands do without.


@themes.command("propose")
def propose(json: AsJson = False, organisation: Organisation = None) -> None:
    """Look for themes anew, and show what would move. Nothing changes until somebody applies it.

    Example: whatmatters themes propose
    """
    from learning_log.services import proposing, theming, understanding

    with opened(organisation) as here, progress("Finding themes") as advance, understanding.alone(here.log):
        encoder = encoder_of(here.settings)
        made = theming.propose(here.log, here.tenant, lambda stage, done, total: advance(done, total), encoder=encoder)
        with here.read() as records:
            (proposal,) = [one for one in proposing.open_proposals(records) if one.id == made]
    if json:
        as_json(_proposal(proposal))
        return
    say(f"{proposal.moved:,} of {proposal.looked_at:,} answers would move.")
    say(f"New: {', '.join(proposal.new) or 'nothing'}. Gone: {', '.join(proposal.gone) or 'nothing'}.")
    moving = [flow for flow in proposal.flows if flow.before != flow.after]
    table([_flow(flow) for flow in moving[:SHOWN]], "Nothing would move.")
    say(f"Apply it with: whatmatters themes apply {proposal.id}")


@themes.command("proposals")
def proposals(json: AsJson = False, organisation: Organisation = None) -> None:
    """List what the machine proposes and nobody has decided about yet.

    Example: whatmatters themes proposals
    """
    from learning_log.services import proposing

    with opened(organisation) as here, here.read() as records:
        rows = [_proposal(one) for one in proposing.open_proposals(records)]
    if json:
        as_json(rows)
    else:
        shown = [{key: row[key] for key in ("kind", "made", "would_move", "of", "new", "gone", "id")} for row in rows]
        table(shown, "There is no proposal. Make one with: whatmatters themes propose")


@themes.command("apply")
def apply(proposal: Which, json: AsJson = False, organisation: Organisation = None) -> None:
    """Do what a proposal says. It can be undone: whatmatters themes undo

    Example: whatmatters themes apply 01a2150b-8ab7-72d6-85af-515e96727241
    """
    from learning_log.services import proposing, understanding

    with opened(organisation) as here, understanding.alone(here.log):
        with here.write() as records:
            proposing.apply(records, proposal)
        placed = _placed(here)
    if json:
        as_json({"applied": proposal, "placed": placed})
        return
    say(f"Applied. {placed:,} answers found their place.")


@themes.command("turn-down")
def turn_down(proposal: Which, json: AsJson = False, organisation: Organisation = None) -> None:
    """Leave themes as they are. The machine asks again when a fifth more was said.

    Example: whatmatters themes turn-down 01a2150b-8ab7-72d6-85af-515e96727241
    """
    from learning_log.services import proposing

    with opened(organisation) as here, here.write() as records:
        proposing.turn_down(records, proposal)
    if json:
        as_json({"turned_down": proposal})
        return
    say("Turned down. Nothing was changed.")


@themes.command("steps")
def steps(json: AsJson = False, organisation: Organisation = None) -> None:
    """List what people did about themes, the newest first.

    Example: whatmatters themes steps
    """
    from learning_log.services import theme_steps

    words = config.load("cli/steps")["steps"]
    with opened(organisation) as here, here.read() as records:
        rows = [
            {
                "when": f"{step.taken_at:%Y-%m-%d %H:%M}",
                "who": step.by or "command line",
                "what": words[step.kind],
                "themes": list(step.labels)[:SHOWN],
                "undone": "yes" if step.undone_at else "",
                "id": step.id,
            }
            for step in theme_steps.steps(records)
        ]
    if json:
        as_json(rows)
    else:
        table(rows, "Nobody has done anything about themes yet.")


@themes.command("undo")
def undo(step: WhichStep, json: AsJson = False, organisation: Organisation = None) -> None:
    """Undo a step. It stays in the list, as undone.

    Example: whatmatters themes undo 01a2150b-8ab7-72d6-85af-515e96727241
    """
    from learning_log.services import understanding, undoing

    with opened(organisation) as here, understanding.alone(here.log):
        with here.write() as records:
            undoing.undo(records, step)
        placed = _placed(here)
    if json:
        as_json({"undone": step, "placed": placed})
        return
    say(f"Undone. {placed:,} answers found their place again.")


@themes.command("stability")
def stability(json: AsJson = False, organisation: Organisation = None) -> None:
    """Try out what would move, if themes were found anew after a tenth more was said. Nothing is changed.

    Example: whatmatters themes stability
    """
    from learning_log.services import stability as trying

    with opened(organisation) as here, here.read() as records:
        found = trying.after_more(records, encoder_of(here.settings))
    moved = sum(one.answers for one in found.moved)
    if json:
        rows = [_flow(one) for one in found.moved]
        as_json({**vars(found), "moved": rows, "answers_moved": moved})
        return
    say(f"{found.earlier:,} earlier answers, and {found.newer:,} newer ones.")
    say("As the log works, new answers join the themes that there are: no earlier answer moves.")
    say(f"Found anew, {moved:,} earlier answers would move; {found.stayed} of {found.known} themes keep all of theirs.")
    say(f"How far both agree, from 0 to 1 (adjusted Rand index): {found.alike:.3f}")
    table([_flow(one) for one in found.moved[:SHOWN]], "Nothing would move.")


def _placed(here: Opened) -> int:
    from learning_log.services import theming

    return theming.bring_up_to_date(here.log, here.tenant, encoder_of(here.settings))


def _proposal(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "made": f"{one.made_at:%Y-%m-%d %H:%M}",
        "of": one.looked_at,
        "would_move": one.moved,
        "new": list(one.new),
        "gone": list(one.gone),
        "flows": [_flow(flow) for flow in one.flows],
    }


def _flow(one: Any) -> dict[str, Any]:
    nowhere = "(no theme)"
    return {"from": one.before or nowhere, "to": one.after or nowhere, "answers": one.answers}
