"""What a turn asks to be kept, done: each effect that config/dialogues may name, and the service behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.dialogue.book import words
from bot.dialogue.turn import Effect, File, Heard, Say
from learning_log.services import (
    asking,
    concerns,
    conversations,
    following,
    forgetting,
    joining,
    my_data,
    my_data_page,
    outcomes,
    pacing,
    reflecting,
    rights,
    trying,
)
from learning_log.services.reflecting import Attachment
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation


@dataclass(frozen=True)
class Scene:
    """What effects work on: one transaction, one conversation, and the message that was heard."""

    records: Records
    conversation: Conversation
    heard: Heard
    inbox_id: UUID
    attachments: Sequence[Attachment]
    text_version: str
    app_link: str


def apply(scene: Scene, effect: Effect) -> Sequence[Say]:
    """Does what the effect names. Returns what there is to say in addition."""
    return EFFECTS[effect.name](scene, effect.values) or ()


def _agree(scene: Scene, values: dict[str, str]) -> None:
    joining.answer_agreement(
        scene.records, scene.conversation, values["purpose"], values["agreed"] == "yes", scene.text_version
    )


def _stop(scene: Scene, values: dict[str, str]) -> None:
    joining.stop(scene.records, scene.conversation)


def _choose_days(scene: Scene, values: dict[str, str]) -> None:
    pacing.choose_days(scene.records, scene.conversation, values["days"])


def _choose_time(scene: Scene, values: dict[str, str]) -> None:
    pacing.choose_time(scene.records, scene.conversation, values["at"])


def _choose_language(scene: Scene, values: dict[str, str]) -> None:
    conversations.choose_language(scene.records, scene.conversation, values["language"])


def _pause(scene: Scene, values: dict[str, str]) -> None:
    pacing.pause(scene.records, scene.conversation, int(values["days"]))


def _keep_reflection(scene: Scene, values: dict[str, str]) -> None:
    reflecting.keep_reflection(
        scene.records,
        scene.conversation,
        scene.heard.words,
        values["direction"],
        UUID(values["walk"]),
        inbox_id=scene.inbox_id,
        question=_id(values.get("question")),
        asked=_id(values.get("asked")),
        outcome=_id(values.get("outcome")),
        experiment=_id(values.get("experiment")),
        attachments=scene.attachments,
        private=values.get("private") == "yes",
    )


def _begin_round(scene: Scene, values: dict[str, str]) -> None:
    scene.conversation.asks += 1


def _begin_follow_up(scene: Scene, values: dict[str, str]) -> None:
    following.begun(scene.records, scene.conversation, UUID(values["follow_up"]))


def _answer_follow_up(scene: Scene, values: dict[str, str]) -> None:
    id, shown = UUID(values["follow_up"]), values.get("shown", "")
    trying.answered(scene.records, scene.conversation, id, values["answer"], shown)


def _keep_pretest(scene: Scene, values: dict[str, str]) -> None:
    scene.conversation.pretest = "passed" if values["passed"] == "yes" else "failed"


def _rate(scene: Scene, values: dict[str, str]) -> None:
    outcome, step = UUID(values["outcome"]), int(values["step"])
    outcomes.rate_own(scene.records, scene.conversation, outcome, step, values.get("shown", ""))


def _turn_agreement(scene: Scene, values: dict[str, str]) -> None:
    joining.turn(scene.records, scene.conversation, values["purpose"], scene.text_version)


def _choose_pictures(scene: Scene, values: dict[str, str]) -> None:
    scene.conversation.pictures = values["pictures"]


def _put_off(scene: Scene, values: dict[str, str]) -> None:
    """What was asked and has no answer yet comes again; a round that was begun and not answered is no round."""
    records, conversation = scene.records, scene.conversation
    if "follow_up" in values and "kept" not in values:
        following.open_again(records, UUID(values["follow_up"]))
    elif "round" in values and "kept" not in values:
        conversation.asks = max(0, conversation.asks - 1)
    asking.ask_later(records, conversation, values["until"])


def _choose_questions(scene: Scene, values: dict[str, str]) -> None:
    scene.conversation.questions = values["questions"]


def _choose_speech(scene: Scene, values: dict[str, str]) -> None:
    scene.conversation.speech = values["speech"] == "yes"


def _say_helped(scene: Scene, values: dict[str, str]) -> None:
    reflecting.say_helped(scene.records, scene.conversation, UUID(values["walk"]), values["helped"])


def _choose_audience(scene: Scene, values: dict[str, str]) -> None:
    for id in _meant(scene, values):
        rights.choose_audience(scene.records, scene.conversation, id, values["audience"])


def _take_back(scene: Scene, values: dict[str, str]) -> None:
    for id in _meant(scene, values):
        rights.take_back(scene.records, scene.conversation, id)


def _change_answer(scene: Scene, values: dict[str, str]) -> None:
    changed = reflecting.change(scene.records, scene.conversation, UUID(values["answer"]), scene.heard.words)
    if changed is None:
        return
    scene.records.flush()
    for attachment in scene.attachments:
        reflecting.attach(scene.records, attachment, reflection_id=changed.id)


def _send_my_data(scene: Scene, values: dict[str, str]) -> Sequence[Say]:
    """A page to read, and the same for computers."""
    records, language = scene.records, scene.conversation.language
    book, kept = words(language), my_data.everything_about(records, scene.conversation)
    page = my_data_page.easy_read_page(kept, language)
    data = json.dumps(kept, ensure_ascii=False, indent=1)
    my_data.record_look(
        records, conversations.whom(records, scene.conversation), conversations.actor(scene.conversation)
    )
    return [
        Say(book.say("mydata.file_page"), file=File("my-data.html", "text/html", page.encode())),
        Say(book.say("mydata.file_data"), file=File("my-data.json", "application/json", data.encode())),
    ]


def _forget_me(scene: Scene, values: dict[str, str]) -> Sequence[Say]:
    """The last words go to the chat as to a stranger's, which it is from now on."""
    records, language = scene.records, scene.conversation.language
    whom = conversations.whom(records, scene.conversation)
    try:
        gone = forgetting.forget(records, scene.conversation)
    except forgetting.ErasureHeld as held:
        return [Say(forgetting.why_held(held, language))]
    for sentence in forgetting.told(gone, whom):
        conversations.say_to_stranger(records, gone.channel, gone.address, Say(sentence).as_json())
    return ()


def _meant(scene: Scene, values: dict[str, str]) -> list[UUID]:
    """The answer that was chosen, or else all that was said just now."""
    if "answer" in values:
        return [UUID(values["answer"])]
    return reflecting.ids_of_dialogue(scene.records, scene.conversation, UUID(values["walk"]))


def _link_outcome(scene: Scene, values: dict[str, str]) -> None:
    reflecting.link_outcome(scene.records, scene.conversation, UUID(values["walk"]), UUID(values["outcome"]))


def _set_direction(scene: Scene, values: dict[str, str]) -> None:
    reflecting.set_direction(scene.records, scene.conversation, UUID(values["walk"]), values["direction"])


def _correct(scene: Scene, values: dict[str, str]) -> Sequence[Say]:
    private = values.get("private") == "yes"
    kept = reflecting.correct(scene.records, scene.conversation, values["edits"], scene.heard.words, private=private)
    return [Say(words(scene.conversation.language).say(f"reflecting.{'changed' if kept else 'cannot_change'}"))]


def _raise_concern(scene: Scene, values: dict[str, str]) -> None:
    concern = concerns.raise_concern(
        scene.records,
        scene.conversation,
        values["raised_by"],
        scene.heard.words if values["raised_by"] == "scan" else "",
        values.get("category", ""),
        scene.app_link,
    )
    for attachment in scene.attachments if values["raised_by"] == "button" else ():
        reflecting.attach(scene.records, attachment, concern_id=concern.id)


def _add_to_concern(scene: Scene, values: dict[str, str]) -> None:
    concerns.add_words(scene.records, scene.conversation, scene.heard.words, scene.attachments, scene.app_link)


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


EFFECTS: dict[str, Callable[[Scene, dict[str, str]], Sequence[Say] | None]] = {
    "send_my_data": _send_my_data,
    "forget_me": _forget_me,
    "agree": _agree,
    "stop": _stop,
    "choose_days": _choose_days,
    "choose_time": _choose_time,
    "choose_language": _choose_language,
    "pause": _pause,
    "begin_round": _begin_round,
    "begin_follow_up": _begin_follow_up,
    "answer_follow_up": _answer_follow_up,
    "keep_pretest": _keep_pretest,
    "rate": _rate,
    "turn_agreement": _turn_agreement,
    "choose_pictures": _choose_pictures,
    "put_off": _put_off,
    "choose_questions": _choose_questions,
    "choose_speech": _choose_speech,
    "say_helped": _say_helped,
    "choose_audience": _choose_audience,
    "take_back": _take_back,
    "change_answer": _change_answer,
    "keep_reflection": _keep_reflection,
    "link_outcome": _link_outcome,
    "set_direction": _set_direction,
    "correct": _correct,
    "raise_concern": _raise_concern,
    "add_to_concern": _add_to_concern,
}
