"""What a client sends into a room it has joined."""

from typing import Any

from standins.supabase.auth.input import is_storable
from standins.supabase.realtime import limits
from standins.supabase.realtime.channel import Channel
from standins.supabase.realtime.policies import BROADCAST, PRESENCE
from standins.supabase.realtime.protocol import Message, Payload, UserBroadcast, dumps


async def receive(channel: Channel, message: Message) -> None:
    """Does what the message asks for; unknown events are ignored, as by Supabase."""
    if message.event == "broadcast":
        await broadcast(channel, message)
    elif message.event == "presence":
        await presence(channel, message)
    elif message.event == "access_token":
        await channel.renew(message.fields.get("access_token"))
    elif message.event == "phx_leave":
        channel.reply(message)
        channel.close()


async def broadcast(channel: Channel, message: Message) -> None:
    """To the others, and back if the client wants it. Without the right to: no word, as Supabase."""
    if not await channel.may_write(BROADCAST, _event(message.payload)) or not channel.is_open:
        return
    if _size(message.payload) > limits.MAX_PAYLOAD_BYTES:
        if channel.wishes.ack:
            channel.reply(message, "error", {"reason": "payload_size_exceeded"})
        return
    but = None if channel.wishes.own_broadcasts else channel
    relay = channel.connection.relay
    await relay.broadcast(channel.topic, message.payload, private=channel.wishes.private, but=but)
    if channel.wishes.ack:
        channel.reply(message)


async def presence(channel: Channel, message: Message) -> None:
    """``track`` and ``untrack``."""
    if not channel.presence_rate.allows():
        channel.shut_down("Client presence rate limit exceeded")
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
    """Shows the client to the others; a first one also shows the others to the client."""
    if not isinstance(payload, dict):
        channel.reply(message, "error", {"reason": "Presence track payload must be a map"})
        return
    if len(dumps(payload)) > limits.MAX_PAYLOAD_BYTES:
        channel.shut_down("Track message size exceeded")
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


def _event(payload: Payload) -> str | None:
    """What policies see as the event: nothing, where it is none."""
    event = payload.event if isinstance(payload, UserBroadcast) else payload.get("event")
    return event if isinstance(event, str) and is_storable(event) else None


def _size(payload: Payload) -> int:
    return len(payload.payload) if isinstance(payload, UserBroadcast) else len(dumps(payload))
