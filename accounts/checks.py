"""The doctor's checks that Django runs too: those of the settings, and those of the protection of tables.

``check --deploy`` runs the first, ``migrate`` and ``check --database default`` the second.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils import timezone

from accounts.doctor import configuration, database, deployment, openai, realtime
from accounts.doctor.findings import Finding, Level


@register(Tags.security, deploy=True)
def settings_are_deployable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The findings about settings and static files. Needs no network."""
    checks = [*configuration.checks(), *deployment.checks(), *openai.offline_checks(timezone.now())]
    return [_message(finding, finding.kind.level) for check in checks for finding in check.run()]


@register(Tags.database)
def database_is_protected(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warns of unprotected tables and missing policies. No errors: ``migrate`` corrects most of it."""
    if not databases:
        return []
    findings = [*database.row_level_security(), *realtime.policies()]
    return [_message(finding, Level.WARNING) for finding in findings]


def _message(finding: Finding, level: Level) -> CheckMessage:
    kind = Error if level == Level.ERROR else Warning
    return kind(finding.fault, hint=finding.kind.step, id=f"accounts.{finding.kind.id}")
