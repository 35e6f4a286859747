"""The local Supabase stand-in: Supabase Auth over HTTP, as supabase-py and supabase-js expect it.

It is an ASGI app of its own beside Django and keeps its data in the ``auth`` schema of the same
PostgreSQL, under Supabase's own table and column names. It runs in the local environment only.
"""
