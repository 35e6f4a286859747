"""Who is present in a room, as Phoenix.Presence tells it: metas by key, and what changes."""

import secrets
from typing import Any, Generic, TypeVar

M = TypeVar("M")
Metas = dict[str, dict[str, list[dict[str, Any]]]]


class Presences(Generic[M]):
    """One meta for each member who shares something, under a key that several may have."""

    def __init__(self) -> None:
        self._metas: dict[M, tuple[str, dict[str, Any]]] = {}

    def state(self) -> Metas:
        """``{key: {"metas": [...]}}`` of everybody."""
        state: Metas = {}
        for key, meta in self._metas.values():
            state.setdefault(key, {"metas": []})["metas"].append(meta)
        return state

    def track(self, member: M, key: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Shares ``payload``: the ``presence_diff``, or None when the member shares it already."""
        _, old = self._metas.get(member, (key, None))
        meta = {**payload, "phx_ref": secrets.token_urlsafe(9)}
        if old is not None:
            if _shared(old) == payload:
                return None
            meta["phx_ref_prev"] = old["phx_ref"]
        self._metas[member] = (key, meta)
        return {"joins": {key: {"metas": [meta]}}, "leaves": {key: {"metas": [old]}} if old else {}}

    def untrack(self, member: M) -> dict[str, Any] | None:
        """Shares nothing more: the ``presence_diff``, or None when there was nothing."""
        if member not in self._metas:
            return None
        key, meta = self._metas.pop(member)
        return {"joins": {}, "leaves": {key: {"metas": [meta]}}}


def _shared(meta: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in meta.items() if name not in ("phx_ref", "phx_ref_prev")}
