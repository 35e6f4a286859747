"""Limits of a sum in a sliding window of time."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta


def seconds_until_below(
    limit: int, uses: Sequence[tuple[datetime, int]], *, window: timedelta, at: datetime
) -> int:
    """Seconds from ``at`` until the sum of ``uses`` in the window is below ``limit``; 0 if it is below now.

    ``uses`` are instants with amounts, oldest first, all inside the window that ends at ``at``.
    """
    left = sum(amount for _, amount in uses)
    below_at = at
    for instant, amount in uses:
        if left < limit:
            break
        left -= amount
        below_at = instant + window
    return math.ceil((below_at - at).total_seconds())
