"""``phx_join``: opens a channel."""

from standins.supabase.realtime import limits
from standins.supabase.realtime.callers import RealtimeError
from standins.supabase.realtime.channel import Channel, Connection
from standins.supabase.realtime.hub import PREFIX
from standins.supabase.realtime.join_config import JoinConfig
from standins.supabase.realtime.protocol import Message

NO_POSTGRES_CHANGES = (
    "The local stand-in does not serve postgres_changes:"
    " broadcast from the database with realtime.send() instead"
)


async def join(connection: Connection, message: Message) -> None:
    """Opens the channel and replies. A second join of a topic closes the first channel, as in Phoenix."""
    earlier = connection.channels.get(message.topic)
    if earlier:
        earlier.close()
    config = JoinConfig.parse(message.fields.get("config"))
    channel = Channel(connection, message, message.topic.removeprefix(PREFIX), config)
    try:
        _check(connection, channel)
        await channel.authorise(message.fields.get("access_token") or message.fields.get("user_token"))
    except RealtimeError as error:
        channel.reply(message, "error", {"reason": str(error)})
        return
    channel.open()
    channel.reply(message, response={"postgres_changes": []})
    if channel.presence_enabled and channel.reads_presence:
        channel.push("presence_state", channel.room.presence_state())


def _check(connection: Connection, channel: Channel) -> None:
    """Raises RealtimeError for a join that is invalid for every caller."""
    if not channel.topic:
        raise RealtimeError("TopicNameRequired", "You must provide a topic name")
    if len(connection.channels) >= limits.CHANNELS:
        raise RealtimeError("ChannelRateLimitReached", "Too many channels")
    if channel.config.postgres_changes:
        raise RealtimeError("RealtimeDisabledForConfiguration", NO_POSTGRES_CHANGES)
