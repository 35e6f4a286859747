"""The routes below /storage/v1."""

from starlette.routing import BaseRoute, Route

from standins.supabase.storage import buckets, downloads, listing, uploads
from standins.supabase.storage.calls import endpoint

# The first match is used, so /object/list and /object/public precede /object/{bucket}/{path}.
ROUTES: list[BaseRoute] = [
    Route("/bucket", endpoint(buckets.listing), methods=["GET"]),
    Route("/bucket", endpoint(buckets.create), methods=["POST"]),
    Route("/bucket/{bucket}", endpoint(buckets.read), methods=["GET"]),
    Route("/object/list/{bucket}", endpoint(listing.folder), methods=["POST"]),
    Route("/object/public/{bucket}/{path:path}", endpoint(downloads.read_public), methods=["GET"]),
    Route("/object/{bucket}", endpoint(uploads.remove), methods=["DELETE"]),
    Route("/object/{bucket}/{path:path}", endpoint(uploads.upload, takes_file=True), methods=["POST"]),
    Route("/object/{bucket}/{path:path}", endpoint(downloads.read), methods=["GET"]),
]
