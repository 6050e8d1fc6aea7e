"""Errors of the learning log. Each docstring is the sentence a person reads when nothing better is said."""

from __future__ import annotations


class LearningLogError(Exception):
    """Something went wrong. Nothing was changed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class SettingsWrong(LearningLogError):
    """A setting is missing or wrong. Nothing was changed."""


class KeyMissing(LearningLogError):
    """The key file is missing. Put it back where it was, or set WHATMATTERS_KEY_FILE. Nothing was changed."""


class WrongKey(LearningLogError):
    """These words were kept with another key. Put the right key file back. Nothing was changed."""


class DatabaseNewer(LearningLogError):
    """The database was made by a newer What Matters. Update the program. Nothing was changed."""


class DatabaseMissing(LearningLogError):
    """There is no database here yet. Make one with: whatmatters init"""


class DatabaseDamaged(LearningLogError):
    """The database is damaged. Nothing was changed. Bring a backup back with: whatmatters restore FILE"""


class DatabaseBusy(LearningLogError):
    """The database is busy: others wrote for 30 seconds. Nothing was changed. Try again."""


class DatabaseAway(LearningLogError):
    """The database does not answer. What was kept is safe. Start it again, then look if the last change is there."""


class DatabaseFull(LearningLogError):
    """The disk of the database is full. The last change was not kept, all else is. Make room, then do it again."""


class NotFound(LearningLogError):
    """There is nothing by that name. Nothing was changed."""


class AlreadyThere(LearningLogError):
    """There is one of that name already. Nothing was changed."""


class AgreementNeeded(LearningLogError):
    """This person has not agreed to take part. Nothing was asked and nothing was kept."""


class CapacityRecordNeeded(AgreementNeeded):
    """This person cannot decide this, and no decision in their best interests holds. Nothing was asked or kept."""


class NotAllowed(LearningLogError):
    """This is not for your role. Nothing was shown or changed."""


class InvitationUnknown(LearningLogError):
    """This code is not known. Ask the person who gave it to you for a new one."""


class InvitationUsed(LearningLogError):
    """This code was used before. Ask the person who gave it to you for a new one."""


class InvitationExpired(LearningLogError):
    """This code is too old. Ask the person who gave it to you for a new one."""


class SignInRefused(LearningLogError):
    """The name or the password is not right. Try again."""


class SignInLocked(LearningLogError):
    """There were too many tries. Wait 15 minutes, then try again."""


class ImportRefused(LearningLogError):
    """The file was not imported. Nothing was changed."""


class SoundUnreadable(LearningLogError):
    """This sound cannot be read. It is kept as it came."""


class ModelMissing(LearningLogError):
    """The model is not in there. Nothing was changed."""


class ModelWrong(LearningLogError):
    """A file of the model is not the one that we know. It is not used."""

    MEND = "Install the model again: whatmatters models install"
