"""Waits for rows of ``realtime.messages`` to be committed.

A notification only wakes the thread. The thread then reads the rows of all transactions that are visible in
the current snapshot but not in the previous snapshot (PostgreSQL docs, "Transaction ID and Snapshot
Information Functions"). So each row is read exactly once, also rows of long transactions and rows that were
committed while the connection was lost.
"""

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

NOTIFICATIONS = "standin_realtime"
FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0  # seconds between attempts to connect
START_SECONDS = 2  # how long the start waits for the database
SWEEP_SECONDS = 600  # between deletions of old rows
SESSION = f"""
set application_name = '{NOTIFICATIONS}'; set lock_timeout = '5s'; set statement_timeout = '30s';
listen {NOTIFICATIONS}
"""
# One statement has one snapshot. The left join returns the snapshot also when there are no new rows.
NEW_ROWS = """
select pg_current_snapshot()::text, new.topic, new.private, new.content
from (select %(seen)s::pg_snapshot as seen) last
left join lateral (
  select topic, coalesce(private, false) as private, standin_position,
    json_build_object('type', 'broadcast', 'event', event, 'payload', payload,
      'meta', json_build_object('id', id))::text as content
  from realtime.messages
  where standin_transaction >= pg_snapshot_xmin(last.seen)
    and not pg_visible_in_snapshot(standin_transaction, last.seen)
    and extension = 'broadcast' and event is not null
) new on true
order by new.standin_position"""
DELETE_OLD_ROWS = """
delete from realtime.messages where inserted_at < (now() at time zone 'utc') - interval '3 days'"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DatabaseBroadcast:
    """A committed row; ``payload`` is JSON text, in which numbers keep their digits."""

    topic: str
    private: bool
    payload: str


class Listener:
    """A thread that passes new rows to ``deliver``, in the order in which they were written."""

    def __init__(
        self, connect: Callable[[], Connection], deliver: Callable[[list[DatabaseBroadcast]], object]
    ) -> None:
        self._connect = connect
        self._deliver = deliver
        self._seen: str | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="realtime listener", daemon=True)

    def start(self) -> None:
        """Starts the thread. Rows committed after the return are delivered.

        Without the database, returns after START_SECONDS; the thread keeps trying to connect.
        """
        self._thread.start()
        self._ready.wait(START_SECONDS)

    def stop(self) -> None:
        """Ends the thread and closes its connection."""
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
                # Every error, because without this thread no event would be delivered until a restart.
                logger.warning("Realtime lost the database: %s", type(error).__name__)
            self._stopping.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _listen(self, connection: Connection) -> None:
        """Runs until ``stop`` or an error of the connection."""
        with selectors.DefaultSelector() as selector, connection.cursor() as cursor:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            sweep_at = 0.0
            while not self._stopping.is_set():
                if time.monotonic() >= sweep_at:
                    cursor.execute(DELETE_OLD_ROWS)
                    sweep_at = time.monotonic() + SWEEP_SECONDS
                connection.notifies.clear()
                self._read_new_rows(cursor)
                if connection.notifies:
                    continue  # received during the query, whose snapshot may be older than the row
                selector.select(SWEEP_SECONDS)
                connection.poll()

    def _read_new_rows(self, cursor: Any) -> None:
        """Delivers rows committed since the last call; the first call only stores its snapshot."""
        cursor.execute(NEW_ROWS, {"seen": self._seen})
        rows = cursor.fetchall()
        new = [DatabaseBroadcast(*row[1:]) for row in rows if row[1] is not None]
        if new:
            self._deliver(new)
        self._seen = rows[0][0]
        self._ready.set()
