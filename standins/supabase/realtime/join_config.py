"""The ``config`` of a client's join."""

import uuid
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class JoinConfig:
    """The values of ``{broadcast: {ack, self}, presence: {key, enabled}, private, postgres_changes}``."""

    private: bool
    ack: bool
    own_broadcasts: bool
    presence: bool
    presence_key: str
    postgres_changes: bool

    @classmethod
    def parse(cls, config: Any) -> "JoinConfig":
        """Missing values and values of a wrong type count as false; a missing presence key becomes random."""
        config = _object(config)
        broadcast, presence = _object(config.get("broadcast")), _object(config.get("presence"))
        key = presence.get("key")
        return cls(
            private=config.get("private") is True,
            ack=broadcast.get("ack") is True,
            own_broadcasts=broadcast.get("self") is True,
            presence=presence.get("enabled") is True,
            presence_key=key if isinstance(key, str) and key else str(uuid.uuid4()),
            postgres_changes=bool(config.get("postgres_changes")),
        )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
