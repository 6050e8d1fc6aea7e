"""The same work for many tenants: what fails for one is logged, and holds up nobody else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from uuid import UUID

from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)


def each_alone(work: Callable[..., int], log: LearningLog, tenants: Iterable[UUID], *more: object) -> int:
    """The sum of what `work(log, tenant, *more)` gives; 0 for those where it failed."""
    return sum(_alone(work, log, tenant, *more) for tenant in tenants)


def _alone(work: Callable[..., int], log: LearningLog, tenant: UUID, *more: object) -> int:
    try:
        return work(log, tenant, *more)
    except Exception as error:
        logger.exception("failed", extra={"work": work.__name__, "tenant": tenant, "trouble": type(error).__name__})
        return 0
