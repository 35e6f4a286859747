"""Error responses of the project's middleware and pages. Those of views are REST framework's."""

from django.http import JsonResponse


def error(status: int, detail: str, code: str) -> JsonResponse:
    """A response in the common error shape."""
    return JsonResponse({"detail": detail, "code": code}, status=status)
