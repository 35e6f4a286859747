"""The presences of a room, in the format of Phoenix.Presence: metas by key, and diffs."""

import secrets
from typing import Any, Generic, TypeVar

M = TypeVar("M")
Metas = dict[str, dict[str, list[dict[str, Any]]]]


class Presences(Generic[M]):
    """At most one meta for each member; several members may have the same key."""

    def __init__(self) -> None:
        self._metas: dict[M, tuple[str, dict[str, Any]]] = {}

    def state(self) -> Metas:
        """``{key: {"metas": [...]}}`` of all members."""
        state: Metas = {}
        for key, meta in self._metas.values():
            state.setdefault(key, {"metas": []})["metas"].append(meta)
        return state

    def track(self, member: M, key: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Stores the member's payload. Returns the ``presence_diff``; None for an unchanged payload."""
        _, old = self._metas.get(member, (key, None))
        meta = {**payload, "phx_ref": secrets.token_urlsafe(9)}
        if old is not None:
            if _payload(old) == payload:
                return None
            meta["phx_ref_prev"] = old["phx_ref"]
        self._metas[member] = (key, meta)
        return {"joins": {key: {"metas": [meta]}}, "leaves": {key: {"metas": [old]}} if old else {}}

    def untrack(self, member: M) -> dict[str, Any] | None:
        """Removes the member's payload. Returns the ``presence_diff``; None without a payload."""
        if member not in self._metas:
            return None
        key, meta = self._metas.pop(member)
        return {"joins": {}, "leaves": {key: {"metas": [meta]}}}


def _payload(meta: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in meta.items() if name not in ("phx_ref", "phx_ref_prev")}
