"""Supabase Storage over HTTP, as storage3 and storage-js expect it.

Buckets and objects are rows of schema ``storage`` under Supabase's names, guarded by its row level
security; what an object holds is a file of the data directory. Its HTTP answers are Supabase's
own (github.com/supabase/storage): a refusal is HTTP 400 whose body names the real status.
"""
