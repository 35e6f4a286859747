"""A local imitation of Supabase: Auth, Storage and Realtime, for supabase-py and supabase-js.

It is an ASGI app. Its data are in the schemas ``auth``, ``storage`` and ``realtime`` of PostgreSQL, in tables
with Supabase's names and columns. Uploaded files are stored in a folder.
"""
