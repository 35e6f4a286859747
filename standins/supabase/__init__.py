"""A local imitation of Supabase: Auth, Storage and Realtime, for supabase-py and supabase-js.

An ASGI app with its data in the schemas ``auth``, ``storage`` and ``realtime`` of a PostgreSQL database,
under Supabase's table and column names. Uploaded files are stored in a folder.
"""
