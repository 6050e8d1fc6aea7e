"""What people may do with their own words, in the chat."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from sqlmodel import col, select

from bot.dialogue.turn import Say
from learning_log.services import listening
from learning_log.services.access import Reader, Scope
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Agreement, Concern, Conversation, Person, Reflection
from learning_log.storage.tables import Media as KeptMedia
from tests.bot.chat import Chat
from tests.bot.conftest import Home


def joined(log: LearningLog, home: Home) -> Chat:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    return chat


def answered(log: LearningLog, home: Home) -> Chat:
    """Ada has said two things, and is thanked."""
    chat = joined(log, home)
    for said in ("I went bowling with Ben", "the bus was late", "skip", "Staff"):
        chat.says(said)
    return chat


@dataclass(frozen=True)
class Kept:
    words: str
    audience: str
    helped: str | None
    is_taken_back: bool


def kept(log: LearningLog, home: Home) -> list[Kept]:
    """What stands, the oldest first."""
    with log.read(home.tenant) as records:
        rows = records.all(select(Reflection).where(col(Reflection.superseded_at).is_(None)).order_by(Reflection.id))
        return [
            Kept(records.text(row, "words"), row.audience, row.helped, row.withdrawn_at is not None) for row in rows
        ]


def texts(said: list[Say]) -> list[str]:
    return [say.words for say in said]


def test_who_helped_is_kept_with_everything_that_was_said_in_a_round(log: LearningLog, home: Home) -> None:
    answered(log, home)
    assert [row.helped for row in kept(log, home)] == ["staff", "staff"]


def test_a_person_chooses_who_may_see_what_they_said(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    assert texts(chat.says("Who may see this?")) == ["Who may see what you said?"]
    assert texts(chat.says("Only me")) == ["Only you can see it now."]
    assert {row.audience for row in kept(log, home)} == {"me"}


def test_the_worker_is_offered_only_where_one_is_known(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    offered = [choice.label for choice in chat.says("Who may see this?")[-1].choices]
    assert offered == ["Only me", "My team", "My team, and counted", "Skip"]
    with log.write(home.tenant) as records:
        records.get(Person, home.ada).worker_id = home.ben
    chat.says("skip")
    chat.says("my new radio")
    for said in ("skip", "skip", "skip"):
        chat.says(said)
    chat.says("Who may see this?")
    assert texts(chat.says("Me and my worker")) == ["Only you and Ben can see it now."]
    assert [row.audience for row in kept(log, home)] == ["themes", "themes", "worker"]


def test_what_was_said_just_now_is_taken_back_in_two_taps(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    chat.says("Take it back")
    assert texts(chat.says("Yes, delete it")) == ["I have deleted it. Nobody can see it now."]
    assert all(row.is_taken_back and not row.words for row in kept(log, home))


def test_an_older_answer_is_changed_in_the_persons_own_words(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    assert "the bus was late" in chat.says("my data")[0].words
    chat.says("Change an answer")
    asked = chat.says("2 March: the bus was late")
    assert texts(asked) == ["What shall I do with it?"]
    chat.says("Change the words")
    assert texts(chat.says("the bus was late twice"))[0] == "Thank you. I have changed your answer."
    assert {row.words for row in kept(log, home)} == {"I went bowling with Ben", "the bus was late twice"}


def test_everything_is_sent_as_a_page_and_as_json(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    chat.says("my data")
    files = [say.file for say in chat.says("Show me everything") if say.file]
    assert [(file.name, file.mime) for file in files] == [
        ("my-data.html", "text/html"),
        ("my-data.json", "application/json"),
    ]
    assert "I went bowling with Ben" in files[0].content.decode()
    assert "the bus was late" in json.dumps(json.loads(files[1].content))


def test_somebody_who_asks_to_be_forgotten_is_and_hears_so(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    chat.says("my data")
    chat.says("Forget me")
    said = texts(chat.says("Yes, forget me"))
    assert said[0].startswith("I have")
    assert any("backup" in words or "copies" in words or "copy" in words for words in said)
    assert all(not row.words for row in kept(log, home))
    with log.read(home.tenant) as records:
        assert records.text(records.get(Person, home.ada), "name") == ""
        assert records.first(select(Conversation)).status == "left"
    assert texts(chat.says("hello?")) == ["I do not know you yet. Please use the link that you were given."]


def test_nobody_is_forgotten_while_a_worry_waits_for_a_lead(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    chat.says("I am worried")
    chat.says("That is all")
    chat.says("my data")
    chat.says("Forget me")
    said = chat.says("Yes, forget me")
    assert kept(log, home)[0].words == "I went bowling with Ben"
    assert not any("forgotten" in words for words in texts(said))


def test_each_yes_can_be_taken_back_in_one_tap(log: LearningLog, home: Home) -> None:
    chat = answered(log, home)
    chat.says("settings")
    offered = [choice.label for choice in chat.says("What I said yes to")[-1].choices]
    assert offered == ["Ask me nothing more", "My team may not read", "Do not count mine", "Skip"]
    assert texts(chat.says("My team may not read")) == ["Thank you. I have changed that."]
    assert {row.audience for row in kept(log, home)} == {"me"}
    chat.says("something for myself")
    assert kept(log, home)[-1].audience == "me"
    chat.says("settings")
    chat.says("What I said yes to")
    assert texts(chat.says("Ask me nothing more"))[0].startswith("I have stopped.")
    with log.read(home.tenant) as records:
        taking_part = records.first(select(Agreement).where(Agreement.purpose == "take_part"))
        assert taking_part.withdrawn_at is not None


def test_who_says_no_to_the_team_is_not_asked_about_the_council_and_is_read_by_nobody(
    log: LearningLog, home: Home
) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.says("STOP")
    chat.says("Start again")
    chat.says("Yes, I want to")
    assert texts(chat.says("No, only me")) == ["How often shall I ask you?"]
    chat.says("Every day")
    chat.says("Morning, 10:00")
    chat.says("I like my room")
    assert [row.audience for row in kept(log, home)] == ["me"]


class Hears:
    """A model of the test's own."""

    def __init__(self, words: str) -> None:
        self.words = words

    def transcribe(self, audio: bytes, mime: str) -> str:
        return self.words


def speaks(chat: Chat) -> list[Say]:
    chat.channel.files["voice-1"] = b"OggS invented"
    return chat.hear("media", media={"kind": "voice", "reference": "voice-1", "mime": "audio/ogg", "size": 13})


def reader(log: LearningLog, home: Home) -> Reader:
    with log.read(home.tenant) as records:
        team = records.get(Person, home.ada).team_id
    return Reader(home.ben, home.tenant, "Ben Madeup", {"team": Scope(teams=frozenset({team}), staff_id=home.ben)})


def test_a_voice_message_is_kept_and_waits_for_somebody_of_the_team(log: LearningLog, home: Home) -> None:
    chat = joined(log, home)
    assert texts(speaks(chat))[0] == "I keep it safe. You can write it too, if you like."
    ben = reader(log, home)
    with log.write(home.tenant) as records:
        (one,) = listening.waiting(records, ben)
        assert (one.kind, one.who, one.words, one.guessed) == ("voice", "Ada Invented", "", False)
        assert listening.content(records, ben, one.id) == b"OggS invented"
        listening.write_down(records, ben, one.id, "I love the garden")
    with log.write(home.tenant) as records:
        assert listening.waiting(records, ben) == []
        row = records.first(select(Reflection))
        assert (records.text(row, "words"), row.feeling) == ("I love the garden", "good")
        assert records.first(select(KeptMedia)).heard_by == home.ben


def test_words_of_harm_that_somebody_writes_down_reach_a_lead(log: LearningLog, home: Home) -> None:
    speaks(joined(log, home))
    ben = reader(log, home)
    with log.write(home.tenant) as records:
        (one,) = listening.waiting(records, ben)
        listening.write_down(records, ben, one.id, "he hit me again")
        assert records.first(select(Concern)).raised_by == "scan"


def test_a_model_puts_a_voice_message_into_words_says_so_and_a_person_still_checks(
    log: LearningLog, home: Home
) -> None:
    chat = joined(log, home)
    chat.handling = replace(chat.handling, transcriber=Hears("I love the garden"))
    assert "I heard this: I love the garden" in texts(speaks(chat))[0]
    with log.write(home.tenant) as records:
        assert records.text(records.first(select(Reflection)), "words") == "I love the garden"
        assert [one.guessed for one in listening.waiting(records, reader(log, home))] == [True]


def test_harm_that_is_spoken_is_heard_as_if_it_were_written(log: LearningLog, home: Home) -> None:
    chat = joined(log, home)
    chat.handling = replace(chat.handling, transcriber=Hears("he hit me"))
    assert "You were right to tell me" in texts(speaks(chat))[0]
    with log.read(home.tenant) as records:
        assert records.first(select(Concern)).category == "physical"


def test_a_voice_message_that_no_model_can_read_is_kept_all_the_same(log: LearningLog, home: Home) -> None:
    class Broken:
        def transcribe(self, audio: bytes, mime: str) -> str:
            raise ValueError

    chat = joined(log, home)
    chat.handling = replace(chat.handling, transcriber=Broken())
    assert texts(speaks(chat))[0].startswith("I keep it safe.")
    with log.read(home.tenant) as records:
        assert records.first(select(KeptMedia)).words_from is None
