"""Checks of the policies of Supabase Storage, in the database."""

from collections.abc import Iterator
from uuid import uuid4

from django.db import Error, transaction

from accounts.doctor.database import acting_as, limited
from accounts.doctor.findings import Check, Finding, error
from accounts.integrations.supabase_storage import BUCKET

BUCKET_WRITABLE = error(
    "bucket_writable",
    "Clients with the role {role} may upload files to the public bucket {bucket}: everybody can publish"
    " anything there.",
    "Remove your own policies on storage.objects that apply to this bucket. LinguaFlex needs none.",
)
STORAGE_EXISTS = "select to_regclass('storage.objects') is not null"


def uploads() -> Iterator[Finding]:
    """Finds that clients can upload to the bucket without LinguaFlex. The upload is rolled back."""
    writers = []
    with limited() as cursor:
        cursor.execute(STORAGE_EXISTS)
        if cursor.fetchone()[0]:
            for role, sub in (("anon", None), ("authenticated", uuid4())):
                with acting_as(cursor, role, sub):
                    try:
                        with transaction.atomic():
                            insert = "insert into storage.objects (bucket_id, name) values (%s, %s)"
                            cursor.execute(insert, [BUCKET, f"{sub}/doctor.webp"])
                        writers.append(role)
                    except Error:  # denied, or the bucket does not exist
                        pass
            transaction.set_rollback(True)
    for role in writers:
        yield BUCKET_WRITABLE.found(role=role, bucket=BUCKET)


def checks() -> list[Check]:
    return [Check("Storage: uploads by clients", uploads)]
