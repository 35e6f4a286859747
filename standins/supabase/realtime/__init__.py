"""Supabase Realtime: broadcast and presence over WebSocket, private where PostgreSQL says so.

One client's ``Socket`` holds one ``Channel`` for each topic it has joined; a ``Room`` is everybody's
channels of one topic. All of them live on the server's event loop and need no lock. What needs the
database leaves the loop: ``Gate`` asks it who may do what, in threads, and ``Listener`` waits, in a
thread of its own, for rows of ``realtime.messages`` to be committed.

    frames -> protocol -> socket -> joining, channel -> hub -> every other channel's socket
                                        |                ^
                                        v                |
                                  gate (policies)     listener, rest

Behaviour and wording follow github.com/supabase/realtime.
"""
