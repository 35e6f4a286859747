"""The addresses of Storage, below /storage/v1."""

from starlette.routing import BaseRoute, Route

from standins.supabase.storage import buckets, changes, downloads, listing, signing, uploads
from standins.supabase.storage.calls import Answer, endpoint

OBJECT = "{bucket}/{path:path}"


def _route(method: str, path: str, answer: Answer, *, takes_file: bool = False) -> BaseRoute:
    return Route(path, endpoint(answer, takes_file=takes_file), methods=[method])


# In order: an object's own address, the last, takes whatever the others leave.
ROUTES: list[BaseRoute] = [
    _route("GET", "/bucket", buckets.listing),
    _route("POST", "/bucket", buckets.create),
    _route("GET", "/bucket/{bucket}", buckets.read),
    _route("PUT", "/bucket/{bucket}", buckets.change),
    _route("DELETE", "/bucket/{bucket}", buckets.delete),
    _route("POST", "/bucket/{bucket}/empty", buckets.empty),
    _route("POST", "/object/move", changes.move),
    _route("POST", "/object/copy", changes.copy),
    _route("POST", "/object/list/{bucket}", listing.folder),
    _route("POST", "/object/sign/{bucket}", signing.sign_downloads),
    _route("POST", f"/object/sign/{OBJECT}", signing.sign_download),
    _route("GET", f"/object/sign/{OBJECT}", downloads.read_by_signature),
    _route("POST", f"/object/upload/sign/{OBJECT}", signing.sign_upload),
    _route("PUT", f"/object/upload/sign/{OBJECT}", uploads.create_by_signature, takes_file=True),
    _route("GET", f"/object/info/public/{OBJECT}", downloads.public_info),
    _route("GET", f"/object/info/authenticated/{OBJECT}", downloads.info),
    _route("GET", f"/object/info/{OBJECT}", downloads.info),
    _route("GET", f"/object/public/{OBJECT}", downloads.read_public),
    _route("GET", f"/object/authenticated/{OBJECT}", downloads.read),
    _route("DELETE", "/object/{bucket}", changes.remove),
    _route("POST", f"/object/{OBJECT}", uploads.create, takes_file=True),
    _route("PUT", f"/object/{OBJECT}", uploads.replace_content, takes_file=True),
    _route("GET", f"/object/{OBJECT}", downloads.read),
    _route("DELETE", f"/object/{OBJECT}", changes.remove_one),
]
