"""An imitation of Supabase Storage v1.70 (github.com/supabase/storage), as storage3 and storage-js call it.

Buckets can be created, read and listed; objects can be uploaded as multipart forms, downloaded, listed
and removed. Everything else is missing: replacing, moving and copying objects, object information,
signed URLs, raw and resumable uploads, image transformation.

Buckets and objects are rows of schema ``storage``, with Supabase's names and row level security. The
content of an object is a file in the data directory. Errors have the HTTP status 400, and the body holds
the real status.
"""
