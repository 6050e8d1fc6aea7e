"""The pages, and who finds them in their navigation. What they show is decided by the services all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from learning_log.services.access import ADMINISTRATOR, COMMISSIONER, SAFEGUARDING_LEAD, TEAM, Reader
from sense_making_app.sitting import Sitting
from sense_making_app.views import (
    about,
    agreements,
    home,
    indicators,
    listening,
    meetings,
    outcomes,
    proposals,
    running,
    said,
    sign_out,
    theme,
    worries,
)

EVERYBODY = frozenset({TEAM, COMMISSIONER, ADMINISTRATOR, SAFEGUARDING_LEAD})


@dataclass(frozen=True)
class PageOf:
    key: str
    roles: frozenset[str]
    icon: str
    show: Callable[[Sitting], None]


PAGES = (
    PageOf("home", frozenset({TEAM, COMMISSIONER}), ":material/dashboard:", home.show),
    PageOf("worries", frozenset({SAFEGUARDING_LEAD}), ":material/notifications:", worries.show),
    PageOf("theme", frozenset({TEAM}), ":material/forum:", theme.show),
    PageOf("proposals", frozenset({TEAM}), ":material/alt_route:", proposals.show),
    PageOf("said", frozenset({TEAM}), ":material/search:", said.show),
    PageOf("listening", frozenset({TEAM}), ":material/hearing:", listening.show),
    PageOf("outcomes", frozenset({TEAM}), ":material/flag:", outcomes.show),
    PageOf("agreements", frozenset({TEAM}), ":material/handshake:", agreements.show),
    PageOf("indicators", frozenset({TEAM, COMMISSIONER}), ":material/monitoring:", indicators.show),
    PageOf("meetings", frozenset({TEAM}), ":material/groups:", meetings.show),
    PageOf("running", frozenset({ADMINISTRATOR}), ":material/settings_heart:", running.show),
    PageOf("about", EVERYBODY, ":material/info:", about.show),
    PageOf("sign_out", EVERYBODY, ":material/logout:", sign_out.show),
)


def pages_of(reader: Reader) -> list[PageOf]:
    return [page for page in PAGES if page.roles & reader.roles]
