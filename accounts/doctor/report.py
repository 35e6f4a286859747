"""The doctor's results as text and as JSON, and the exit status. Imports neither Django nor settings."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill

from accounts.doctor.findings import EXIT_STATUS, SETTINGS_REFUSED, Finding, Level

INDENT = " " * 9
WIDTH = 110


@dataclass(frozen=True)
class Result:
    """The result of one check: its findings, or none if all is well."""

    check: str
    findings: Sequence[Finding] = ()

    @property
    def level(self) -> Level:
        """The worst level of the findings."""
        return max((each.kind.level for each in self.findings), key=EXIT_STATUS.__getitem__, default=Level.OK)


def exit_status(results: Iterable[Result]) -> int:
    """0 without findings, 1 for warnings, 2 for errors."""
    return max((EXIT_STATUS[each.level] for each in results), default=0)


def as_text(results: Sequence[Result]) -> str:
    """A line for each check, and a paragraph for each finding."""
    lines = []
    for result in results:
        lines.append(f"{result.level:<{len(INDENT)}}{result.check}")
        for finding in result.findings:
            text = f"{finding.text} ({finding.kind.id})"
            lines.append(fill(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT))
    levels = Counter(finding.kind.level for result in results for finding in result.findings)
    counts = f"{levels[Level.ERROR]} errors, {levels[Level.WARNING]} warnings"
    return "\n".join([*lines, f"{len(results)} checks: {counts}."])


def as_json(results: Iterable[Result]) -> str:
    """An array with an object for each finding, and one for each check without findings.

    Keys: ``check``, ``level``, ``finding`` (the kind's id, or null), ``fault`` and ``step`` (or null).
    """
    objects: list[dict[str, str | None]] = []
    for result in results:
        if not result.findings:
            nothing = dict.fromkeys(("finding", "fault", "step"))
            objects.append({"check": result.check, "level": Level.OK.value, **nothing})
        for found in result.findings:
            named = {"finding": found.kind.id, "fault": found.fault, "step": found.kind.step}
            objects.append({"check": result.check, "level": found.kind.level.value, **named})
    return json.dumps(objects, ensure_ascii=False, indent=2)


def settings_refused(reason: str, *, json_wanted: bool) -> int:
    """Prints that the settings cannot be loaded. Returns the exit status."""
    results = [Result("settings", [SETTINGS_REFUSED.found(reason=reason)])]
    print(as_json(results) if json_wanted else as_text(results))
    return exit_status(results)
