"""An imitation of Supabase Realtime v2.129 (github.com/supabase/realtime), for supabase-js and supabase-py.

It implements public and private channels, broadcast from clients and from the database
(``realtime.send()``), and presence, over a WebSocket in the protocol versions 1.0.0 and 2.0.0. It does not
implement postgres_changes, broadcast over HTTP, binary payloads and clusters: if several servers share a
database, each delivers all rows of ``realtime.messages``, but only its own clients' broadcasts and presence.

The ``Socket`` of a client has one ``Channel`` for each joined topic. A ``Room`` has the channels of all
clients in a topic. These classes run on the server's event loop and need no locks. Database work runs in
threads: ``Authorizer`` evaluates the policies, and ``Listener`` waits for committed rows.

    frames -> protocol -> socket -> joining, channel -> hub -> sockets of the other channels
                                        |                ^
                                        v                |
                               authorizer (policies)  listener
"""
