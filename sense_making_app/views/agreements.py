"""What each person agreed to, whether anything is asked of them now, and what was decided where they cannot decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import streamlit as st

from learning_log.services.agreements import Agreements, Due, Said, Standing, agreements_of, name_worker, standings
from learning_log.services.choosing import choices
from sense_making_app.components import capacity_records, empty, figures
from sense_making_app.components.doing import do
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

_CHOSEN = "agreements_person"


def show(sitting: Sitting) -> None:
    st.title(say("agreements.title"), anchor=False)
    st.markdown(say("agreements.what"))
    with sitting.write() as records:
        named = choices(records, sitting.reader)
        found = standings(records, sitting.reader)
    if not named.people:
        empty.show("agreements_nobody")
        return
    names = {one.id: one.name for one in named.people}
    here = [one for one in found if one.person_id in names]
    _due([one for one in here if one.due], names)
    _everybody(here, names)
    due_first = sorted(here, key=lambda one: (not one.due, names[one.person_id].casefold()))
    chosen = st.selectbox(
        say("agreements.choose"),
        [one.person_id for one in due_first],
        format_func=lambda id: names[id],
        key=_CHOSEN,
        persist_state="session",
    )
    with sitting.write() as records:
        theirs = agreements_of(records, sitting.reader, chosen)
    st.header(plain(names[chosen]), anchor=False)
    _asked(theirs.standing)
    _said(theirs.said)
    capacity_records.show(sitting, chosen, theirs.records)
    _worker(sitting, chosen, theirs)


def _due(people: Sequence[Standing], names: Mapping[UUID, str]) -> None:
    if not people:
        return
    st.subheader(say("agreements.due"), anchor=False)
    for one in people:
        with st.container(border=True):
            words, look = st.columns([5, 1], vertical_alignment="center")
            lines = [f"**{plain(names[one.person_id])}**", *(_due_line(due) for due in one.due)]
            words.markdown("  \n".join(lines))
            look.button(
                say("agreements.look"),
                key=f"look_{one.person_id}",
                on_click=_choose,
                args=(one.person_id,),
                width="stretch",
            )


def _due_line(due: Due) -> str:
    icon = ":material/error:" if due.review == "past" else ":material/schedule:"
    key = f"{due.review}_able" if due.able else due.review
    decision, day = say(f"decision.{due.decision}"), figures.day(due.review_on)
    return f"{icon} {decision}: {say(f'agreements.{key}', day=day)}"


def _choose(person_id: UUID) -> None:
    st.session_state[_CHOSEN] = person_id


def _everybody(people: Sequence[Standing], names: Mapping[UUID, str]) -> None:
    asked = sum(not one.why_not for one in people)
    in_order = sorted(people, key=lambda one: names[one.person_id].casefold())
    with st.expander(say("agreements.everybody", asked=asked, others=len(people) - asked)):
        st.markdown("\n".join(f"- **{plain(names[one.person_id])}**: {_in_short(one)}" for one in in_order))


def _in_short(one: Standing) -> str:
    return " ".join(_reasons(one)) or say("agreements.asked")


def _reasons(one: Standing) -> list[str]:
    day = figures.day(one.paused_until) if one.paused_until else ""
    return [say(f"why_not.{why}", day=day) for why in one.why_not]


def _asked(standing: Standing) -> None:
    if not standing.why_not:
        st.success(say("agreements.asked"), icon=":material/check_circle:")
        return
    reasons = "\n".join(f"- {reason}" for reason in _reasons(standing))
    st.warning(f"**{say('agreements.not_asked')}**\n{reasons}", icon=":material/pause_circle:")


def _said(said: Sequence[Said]) -> None:
    st.subheader(say("agreements.said"), anchor=False)
    if not said:
        st.caption(say("agreements.nothing_said"))
        return
    st.markdown("\n".join(f"- {_line(one)}" for one in said))
    st.caption(say("agreements.own_word"))


def _line(one: Said) -> str:
    answer = say(f"agreements.{'yes' if one.agreed else 'no'}_{one.purpose}")
    facts = [figures.moment(one.answered_at), say("agreements.text", version=plain(one.text_version))]
    if one.withdrawn_at:
        facts.append(say("agreements.withdrawn", when=figures.moment(one.withdrawn_at)))
    return f"**{answer}** · {' · '.join(facts)}"


def _worker(sitting: Sitting, person_id: UUID, theirs: Agreements) -> None:
    st.subheader(say("agreements.worker"), anchor=False)
    st.caption(say("agreements.worker_help"))
    if theirs.worker_id and theirs.worker_id not in theirs.team:
        st.warning(say("agreements.worker_left", name=plain(theirs.worker)), icon=":material/person_off:")
    staff = figures.told_apart(theirs.team)
    options = [None, *staff]
    with st.form(f"worker_{person_id}", border=False):
        worker = st.selectbox(
            say("agreements.worker_choose"),
            options,
            index=options.index(theirs.worker_id) if theirs.worker_id in staff else 0,
            format_func=lambda id: staff[id] if id else say("agreements.worker_nobody"),
        )
        if st.form_submit_button(say("agreements.worker_keep")):
            do(sitting, lambda records, reader: name_worker(records, reader, person_id, worker), "agreements.kept")
