"""Events that a client sends to a joined channel."""

from typing import Any

from standins.supabase.auth.input import is_storable
from standins.supabase.realtime import limits
from standins.supabase.realtime.channel import Channel
from standins.supabase.realtime.policies import BROADCAST, PRESENCE
from standins.supabase.realtime.protocol import Message, dumps


async def handle(channel: Channel, message: Message) -> None:
    """Handles one event. Unknown events are ignored, as on Supabase."""
    if message.event == "broadcast":
        await broadcast(channel, message)
    elif message.event == "presence":
        await presence(channel, message)
    elif message.event == "access_token":
        await channel.change_token(message.fields.get("access_token"))
    elif message.event == "phx_leave":
        channel.reply(message)
        channel.close()


async def broadcast(channel: Channel, message: Message) -> None:
    """Sends the payload to the room. Without permission, sends no reply, as on Supabase."""
    event = message.fields.get("event")
    if not isinstance(event, str) or not is_storable(event):
        event = None
    if not await channel.may_write(BROADCAST, event) or not channel.is_open:
        return
    if len(dumps(message.payload)) > limits.MAX_PAYLOAD_BYTES:
        if channel.config.ack:
            channel.reply(message, "error", {"reason": "payload_size_exceeded"})
        return
    channel.room.broadcast(message.payload, exclude=None if channel.config.own_broadcasts else channel)
    if channel.config.ack:
        channel.reply(message)


async def presence(channel: Channel, message: Message) -> None:
    """Handles ``track`` and ``untrack``."""
    if not channel.presence_rate.allows():
        channel.close_with_error("Client presence rate limit exceeded")
        return
    event = str(message.fields.get("event", "")).lower()
    if event == "track":
        await _track(channel, message, message.fields.get("payload", {}))
    elif event == "untrack":
        channel.reply(message)
        channel.room.untrack(channel)
    else:
        channel.reply(message, "error", {"reason": "Unknown presence event"})


async def _track(channel: Channel, message: Message, payload: Any) -> None:
    """Sets the client's presence. Enables presence if the join did not."""
    if not isinstance(payload, dict):
        channel.reply(message, "error", {"reason": "Presence track payload must be a map"})
        return
    if len(dumps(payload)) > limits.MAX_PAYLOAD_BYTES:
        channel.close_with_error("Track message size exceeded")
        return
    is_first = not channel.presence_enabled
    may_read = await channel.may_read_presence()
    if not await channel.may_write(PRESENCE):
        channel.reply(message, "error")
        return
    if not channel.is_open:
        return
    channel.presence_enabled = True
    channel.reply(message)
    if is_first and may_read:
        channel.push("presence_state", channel.room.presence_state())
    channel.room.track(channel, payload)
