"""The tables, one file for each part of the field."""

from learning_log.storage.tables.agreements import Agreement, Invitation
from learning_log.storage.tables.audit import AuditEntry
from learning_log.storage.tables.capacity import CapacityRecord, ErasureHold
from learning_log.storage.tables.conversations import (
    URGENCY,
    Asked,
    Channel,
    Conversation,
    InboxMessage,
    OutboxMessage,
    Schedule,
)
from learning_log.storage.tables.indicators import Indicator, IndicatorValue
from learning_log.storage.tables.learning import Experiment, FollowUp, Meeting
from learning_log.storage.tables.organisation import Provider, Service, Team, Tenant
from learning_log.storage.tables.outcomes import Outcome, OutcomeRating
from learning_log.storage.tables.people import Person, Role, Staff
from learning_log.storage.tables.prompts import Prompt, PromptVersion
from learning_log.storage.tables.reflections import FeelingModel, Media, Reading, Reflection, ReflectionMeaning
from learning_log.storage.tables.row import NOBODY, Row, new_id
from learning_log.storage.tables.safeguarding import Concern
from learning_log.storage.tables.themes import (
    MACHINE,
    OUT_OF_USE,
    PERSON,
    Theme,
    ThemeModel,
    ThemePlacement,
    ThemeProposal,
    ThemeStep,
)

__all__ = [
    "MACHINE",
    "NOBODY",
    "OUT_OF_USE",
    "PERSON",
    "URGENCY",
    "Agreement",
    "Asked",
    "AuditEntry",
    "CapacityRecord",
    "Channel",
    "Concern",
    "Conversation",
    "ErasureHold",
    "Experiment",
    "FeelingModel",
    "FollowUp",
    "InboxMessage",
    "Indicator",
    "IndicatorValue",
    "Invitation",
    "Media",
    "Meeting",
    "OutboxMessage",
    "Outcome",
    "OutcomeRating",
    "Person",
    "Prompt",
    "PromptVersion",
    "Provider",
    "Reading",
    "Reflection",
    "ReflectionMeaning",
    "Role",
    "Row",
    "Schedule",
    "Service",
    "Staff",
    "Team",
    "Tenant",
    "Theme",
    "ThemeModel",
    "ThemePlacement",
    "ThemeProposal",
    "ThemeStep",
    "new_id",
]
