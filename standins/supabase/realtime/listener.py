"""Waits for rows of ``realtime.messages``, and for what other processes relay, to be committed.

A notification only wakes it. What it then reads is every row of a transaction that the snapshot of
its last look did not show and the present one does (PostgreSQL docs, "Transaction ID and Snapshot
Information Functions"). So each row comes exactly once and none is missed: not one whose transaction
was long, nor any of the time when the connection was lost.
"""

import json
import logging
import os
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from psycopg2.extensions import connection as Connection

from standins.supabase.realtime.protocol import Payload, UserBroadcast

CHANNEL = "standin_realtime"
FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0  # seconds between attempts to connect
START_SECONDS = 2
SWEEP_SECONDS = 600
SESSION = f"""
set application_name = '{CHANNEL}'; set lock_timeout = '5s'; set statement_timeout = '30s'; listen {CHANNEL}
"""
# In one statement, and so of one snapshot; the left join keeps its first column when nothing is new.
NEW_ROWS = """
select pg_current_snapshot()::text, new.*
from (select %(seen)s::pg_snapshot as seen) last
left join lateral (
  select topic, coalesce(private, false), id::text, event, payload::text, binary_payload,
    standin_position as position, 1 as source
  from realtime.messages
  where standin_transaction >= pg_snapshot_xmin(last.seen)
    and not pg_visible_in_snapshot(standin_transaction, last.seen)
    and extension = 'broadcast' and event is not null
  union all
  select topic, private, null, event, payload, binary_payload, position, 2
  from standin.client_broadcasts
  where transaction >= pg_snapshot_xmin(last.seen)
    and not pg_visible_in_snapshot(transaction, last.seen)
    and process <> %(process)s
) new on true
order by new.source, new.position"""
OLD_ROWS = """
delete from realtime.messages where inserted_at < (now() at time zone 'utc') - interval '3 days';
delete from standin.client_broadcasts where sent_at < now() - interval '1 minute'"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """One committed row, ready to be sent."""

    topic: str
    private: bool
    payload: Payload


class Listener:
    """A thread that hands new rows to ``deliver``, in the order in which they were written.

    What ``process``, its own, has relayed is not new to it.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        deliver: Callable[[list[Stored]], object],
        *,
        process: str,
    ) -> None:
        self._connect = connect
        self._deliver = deliver
        self._process = process
        self._seen: str | None = None
        self._looked = threading.Event()
        self._stopping = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="realtime listener", daemon=True)

    def start(self) -> None:
        """From its return on nothing is missed; a database that is away is waited for later."""
        self._thread.start()
        self._looked.wait(START_SECONDS)

    def stop(self) -> None:
        """Ends the thread and its connection."""
        self._stopping.set()
        os.write(self._wake_write, b"x")
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            try:
                with closing(self._connect()) as connection:
                    connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
                    with connection.cursor() as cursor:
                        cursor.execute(SESSION)
                    wait = FIRST_WAIT
                    self._listen(connection)
            except Exception as error:
                # Whatever it is, Realtime without its listener would be silent for ever.
                logger.warning("Realtime lost the database: %s", type(error).__name__)
            self._stopping.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _listen(self, connection: Connection) -> None:
        """Until the end, or an error of the connection."""
        with selectors.DefaultSelector() as selector, connection.cursor() as cursor:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            sweep_at = 0.0
            while not self._stopping.is_set():
                if time.monotonic() >= sweep_at:
                    cursor.execute(OLD_ROWS)
                    sweep_at = time.monotonic() + SWEEP_SECONDS
                connection.notifies.clear()
                self._look(cursor)
                if connection.notifies:
                    continue  # it came while looking, so the look may have been too early
                selector.select(SWEEP_SECONDS)
                connection.poll()

    def _look(self, cursor: Any) -> None:
        """Hands over what was committed since the last look; the first one only remembers when it was."""
        cursor.execute(NEW_ROWS, {"seen": self._seen, "process": self._process})
        rows = cursor.fetchall()
        new = [_stored(row[1:]) for row in rows if row[1] is not None]
        if new:
            self._deliver(new)
        self._seen = rows[0][0]
        self._looked.set()


def _stored(row: tuple[Any, ...]) -> Stored:
    topic, private, id, event, text, binary, *_ = row
    if event is None:
        return Stored(topic, private, json.loads(text))
    content = (text or "null").encode() if binary is None else bytes(binary)
    meta = {"id": id} if id else {}
    return Stored(topic, private, UserBroadcast(event, content, is_json=binary is None, meta=meta))
