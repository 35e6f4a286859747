"""An imitation of Supabase Storage v1.70 (github.com/supabase/storage), for storage3 and storage-js.

Buckets can be created, read and listed; objects can be uploaded as multipart forms, downloaded, listed
and removed. Not implemented: replacing, moving and copying objects, object information, signed URLs, raw and
resumable uploads, image transformation.

Buckets and objects are rows in the schema ``storage``, with Supabase's names and row level security. The
content of an object is a file in the data directory. Most errors have the HTTP status 400, and the actual
status in the body (errors.py).
"""
