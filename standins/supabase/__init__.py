"""The local Supabase stand-in: Auth and Storage over HTTP, as supabase-py and supabase-js expect them.

It is an ASGI app of its own beside Django and keeps its data in the schemas ``auth`` and ``storage``
of the same PostgreSQL, under Supabase's own table and column names, and uploaded files in the data
directory. It runs in the local environment only.
"""
