"""How long a ban lasts: durations as Go's time.ParseDuration reads them, which Supabase Auth uses."""

import re
from datetime import datetime, timedelta

from standins.supabase.auth.errors import validation_failed

SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
PART = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)(ns|us|µs|ms|s|m|h)")
# Go counts nanoseconds in 64 bits.
MAX_SECONDS = 2**63 / 1e9


def until(duration: str, at: datetime) -> datetime | None:
    """The end of a ban of ``24h`` or ``1h30m`` that begins at ``at``; None for ``none`` or nothing."""
    if duration in ("", "none"):
        return None
    if len(duration) > 100 or not re.fullmatch(f"(?:{PART.pattern})+", duration):
        raise _invalid()
    seconds = sum(float(number) * SECONDS[unit] for number, unit in PART.findall(duration))
    if seconds > MAX_SECONDS:
        raise _invalid()
    return at + timedelta(seconds=seconds)


def _invalid() -> Exception:
    return validation_failed("invalid format for ban duration, expected for example 24h or none")
