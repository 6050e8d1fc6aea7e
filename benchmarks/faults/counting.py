"""What became of everything: the Bot API server's record against the rows of the learning log."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlmodel import select

from benchmarks.crowd import Crowd
from benchmarks.faults.counted import Counted
from benchmarks.faults.people import Record, wording
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Concern, Conversation, OutboxMessage, Reflection

KEPT = "messages confirmed, each kept as one reflection"
ANSWERED = "messages confirmed, each answered once"
SENT = "messages of ours, each sent once"
OPEN = (
    "SELECT (SELECT count(*) FROM inbox WHERE status = 'kept'),"
    " (SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending')),"
    " (SELECT count(*) FROM asked WHERE status = 'due')"
)


@dataclass(frozen=True)
class Row:
    """One row of the outbox; its words are wiped once it is sent. number: the channel's own, of what was sent.

    place: in what was said at once; 0 is the first message of an answer.
    """

    kind: str
    status: str
    number: str
    place: int


def still_open(log: LearningLog) -> tuple[int, ...]:
    """Messages to handle, messages to send, prompts to ask."""
    with log.database.reading() as connection:
        return tuple(connection.execute(text(OPEN)).one())


class Outcome:
    """Everything that was said, kept and sent, once nothing is on its way any more."""

    def __init__(self, log: LearningLog, people: Crowd, record: Record) -> None:
        self.people, self.record = people, record
        with log.read() as everybody:
            records = replace(everybody, tenant=people.tenant)
            self.rows = outbox(records)
            self.kept = Counter(records.text(row, "words") for row in records.all(select(Reflection)))
            self.concerns = len(records.all(select(Concern.id)))

    def counted(self, in_flight: int) -> Iterator[Counted]:
        """in_flight: how many messages were being sent when something was killed."""
        yield self.reflections()
        yield self.answers()
        yield self.sends(in_flight)
        if self.record.prompted:
            yield self.prompts()
        if any(row.kind == "reminder" for rows in self.rows.values() for row in rows):
            yield self.reminders()
        if self.record.worries:
            yield self.alerts()

    def reflections(self) -> Counted:
        """Every message is confirmed to the channel by now."""
        said = set(self.record.messages)
        missing = len(said - self.kept.keys())
        too_many = sum(number - (words in said) for words, number in self.kept.items())
        return Counted(KEPT, len(said), missing, too_many)

    def answers(self) -> Counted:
        """The answer begins with the message that says that it is kept, or that a worry was heard."""
        lost = doubled = unknown = 0
        for chat, said in self.record.said.items():
            rows = [row for row in self.rows[chat] if row.kind == "reply" and row.place == 0]
            heard = sum(message.text.endswith(wording().answers) for message in self.record.heard[chat])
            open_fates = sum(row.status == "unknown" for row in rows)
            lost += max(0, len(said) - heard - open_fates)
            doubled += max(0, heard - len(said), len(rows) - len(said))
            unknown += open_fates
        return Counted(ANSWERED, len(self.record.messages), lost, doubled, unknown)

    def sends(self, in_flight: int) -> Counted:
        """What a chat got and no row accounts for was sent twice; what a row says was sent has to be there."""
        lost = doubled = 0
        for chat in self.people.chats:
            heard = {str(message.message_id) for message in self.record.heard[chat]}
            numbers = {row.number for row in self.rows[chat] if row.status == "sent"}
            unknown = sum(row.status == "unknown" for row in self.rows[chat])
            lost += len(numbers - heard) + sum(row.status == "failed" for row in self.rows[chat])
            doubled += max(0, len(heard - numbers) - unknown)
        rows = [row for chat in self.people.chats for row in self.rows[chat]]
        open_fates = sum(row.status == "unknown" for row in rows)
        lost += max(0, open_fates - in_flight)
        return Counted(SENT, len(rows), lost, doubled, open_fates, f"{in_flight} in flight when it broke")

    def prompts(self) -> Counted:
        lost = doubled = unknown = 0
        for chat in self.record.prompted:
            questions = self._heard(chat, wording().question)
            open_fate = any(row.status == "unknown" for row in self.rows[chat])
            # A reminder has two messages, and asks again in the second, also where the first did not arrive.
            reminded = any(row.kind == "reminder" and row.place for row in self.rows[chat])
            doubled += max(0, questions - 1 - reminded)
            lost += not questions and not open_fate
            unknown += not questions and open_fate
        return Counted("prompts, each sent at most once", len(self.record.prompted), lost, doubled, unknown)

    def reminders(self) -> Counted:
        """One that was due and not sent is no loss: an answer or a later prompt may have come first."""
        rows = {chat: [row for row in self.rows[chat] if row.kind == "reminder"] for chat in self.record.prompted}
        doubled = sum(max(0, self._heard(chat, wording().reminder) - 1) for chat in rows)
        unknown = sum(row.status == "unknown" for found in rows.values() for row in found)
        tried = sum(bool(found) for found in rows.values())
        return Counted("reminders, each sent at most once", tried, 0, doubled, unknown)

    def alerts(self) -> Counted:
        """Each worry to each lead; an alert of unknown fate is sent again."""
        heard = [len(self.record.heard[chat]) for chat in self.people.leads]
        worries = len(self.record.worries)
        lost = sum(max(0, worries - number) for number in heard)
        lost += sum(row.status != "sent" for chat in self.people.leads for row in self.rows[chat])
        lost += abs(worries - self.concerns)
        again = sum(max(0, number - worries) for number in heard)
        return Counted("alerts, each sent at least once", worries * len(heard), lost, None, None, f"{again} sent again")

    def _heard(self, chat: int, words: str) -> int:
        return sum(bool(words) and words in message.text for message in self.record.heard[chat])


def outbox(records: Records) -> defaultdict[int, Sequence[Row]]:
    """By chat; what went to strangers is left out."""
    chats = {row.id: int(records.text(row, "address")) for row in records.all(select(Conversation))}
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in records.all(select(OutboxMessage)):
        if row.conversation_id:
            found[chats[row.conversation_id]].append(Row(row.kind, row.status, row.channel_message or "", row.place))
    return found  # type: ignore[return-value]
