"""``phx_join``: a client enters a room, or learns why not."""

from standins.supabase.realtime import limits
from standins.supabase.realtime.callers import Refused
from standins.supabase.realtime.channel import Channel, Connection
from standins.supabase.realtime.hub import PREFIX
from standins.supabase.realtime.protocol import Message
from standins.supabase.realtime.wishes import Wishes

NO_POSTGRES_CHANGES = (
    "The local stand-in does not serve postgres_changes:"
    " broadcast from the database with realtime.send() instead"
)


async def join(connection: Connection, message: Message) -> None:
    """Opens the channel; a second join of a topic ends the first one, as Phoenix has it."""
    earlier = connection.channels.get(message.topic)
    if earlier:
        earlier.close()
    wishes = Wishes.of(message.fields.get("config"))
    channel = Channel(connection, message, message.topic.removeprefix(PREFIX), wishes)
    try:
        _check(connection, channel)
        await channel.authorise(message.fields.get("access_token") or message.fields.get("user_token"))
    except Refused as refusal:
        channel.reply(message, "error", {"reason": str(refusal)})
        return
    channel.open()
    channel.reply(message, response={"postgres_changes": []})
    if channel.presence_enabled and channel.reads_presence:
        channel.push("presence_state", channel.room.presence_state())


def _check(connection: Connection, channel: Channel) -> None:
    """Raises Refused for what nobody may join."""
    if not channel.topic:
        raise Refused("TopicNameRequired", "You must provide a topic name")
    if len(connection.channels) >= limits.CHANNELS:
        raise Refused("ChannelRateLimitReached", "Too many channels")
    if channel.wishes.postgres_changes:
        raise Refused("RealtimeDisabledForConfiguration", NO_POSTGRES_CHANGES)
