"""The export of a list as a CSV file: the columns of the list, for its filters and its search.

The keys are read first, then the rows in pages, each with a statement of its own: a process holds the keys,
up to 10 MB, and one page. A server-side cursor would need no keys, but poolers in transaction mode have none.
"""

import csv
import html
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any, cast

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, ProgrammingError
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import slugify
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.models import User
from accounts.values.card_files import harmless

# What Django and PostgreSQL raise for lookups and values that do not fit the column.
UNREADABLE = (ValueError, TypeError, IndexError, OverflowError, DataError, ProgrammingError)
MAX_ROWS = 100_000
PAGE = 2_000
BYTE_ORDER_MARK = "\ufeff"  # spreadsheets read the file as UTF-8 then
TITLE = "Export as CSV"
NONE = "-"  # what lists show for no value; a spreadsheet does not run it
TRUNCATED = "These are the newest {count:,} rows. Add filters to the list to export others."


class CsvExportAdmin(ModelAdmin):
    """Lists with the button "Export as CSV"."""

    actions_list: tuple[str, ...] = ("export_csv",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list. The link of the export has the parameters of the list."""
        response = super().changelist_view(request, extra_context)
        for item in (getattr(response, "context_data", None) or {}).get("actions_list", []):
            if item["title"] == TITLE and request.GET:
                item["path"] += f"?{request.GET.urlencode()}"
        return response

    @action(  # type: ignore[untyped-decorator]
        description=TITLE, url_path="export", permissions=["view"], icon="download"
    )
    def export_csv(self, request: HttpRequest) -> HttpResponseBase:
        """The file, as a stream. Parameters that the list would ignore lead to the list."""
        parameters = request.GET.copy()
        parameters.pop(PAGE_VAR, None)
        request.GET = parameters  # type: ignore[assignment]
        try:
            rows = pages_of(self.get_changelist_instance(request).queryset)
            first = next(rows)
        except (IncorrectLookupParameters, *UNREADABLE):
            if not request.GET.keys() - {ERROR_FLAG}:
                raise
            name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist"
            response = redirect(name)
            response["Location"] += f"?{ERROR_FLAG}=1"
            return response
        self._log_export(request)
        file = self._file(request, chain([first], rows))
        name = f"{slugify(self.opts.verbose_name_plural)}-{timezone.now():%Y-%m-%d}.csv"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(file, content_type="text/csv; charset=utf-8", headers=disposition)

    def _file(self, request: HttpRequest, pages: Iterable[list[Any] | None]) -> Iterator[str]:
        """The lines of the file, a page at a time. ``None`` stands for further rows."""
        columns = [str(name) for name in self.get_list_display(request)]
        labels = [str(label_for_field(name, self.model, self)) for name in columns]
        yield BYTE_ORDER_MARK + lines([labels])
        for page in pages:
            if page is None:
                yield lines([[TRUNCATED.format(count=MAX_ROWS)]])
            else:
                yield lines([[cell(name, row, self) for name in columns] for row in page])

    def _log_export(self, request: HttpRequest) -> None:
        """Records the export. The values of the parameters may be personal data: only the names are kept."""
        names = ", ".join(sorted(request.GET)) or "none"
        LogEntry.objects.create(
            user=cast(User, request.user),
            content_type=ContentType.objects.get_for_model(self.model, for_concrete_model=False),
            object_repr=f"List of {self.opts.verbose_name_plural}"[:200],
            action_flag=CHANGE,
            change_message=f"Exported as CSV. Filters: {names}",
        )


def pages_of(rows: QuerySet[Any]) -> Iterator[list[Any] | None]:
    """Up to MAX_ROWS rows, newest first, PAGE at a time; then None if there are more.

    In the order of the key without ``created_at``. One statement reads the keys, so that the list is sorted
    once more, not once for each page.
    """
    try:
        rows.model._meta.get_field("created_at")
        key = "created_at"
    except FieldDoesNotExist:
        key = "pk"
    ordered = rows.annotate(export_key=F(key)).order_by(f"-{key}", "-pk")
    page = list(ordered[:PAGE])
    yield page
    if len(page) < PAGE:
        return
    last = page[-1]
    older = Q(**{f"{key}__lt": last.export_key}) | Q(**{key: last.export_key, "pk__lt": last.pk})
    keys = list(ordered.filter(older).values_list("pk", flat=True)[: MAX_ROWS - PAGE + 1])
    listed = keys[: MAX_ROWS - PAGE]
    for first in range(0, len(listed), PAGE):
        yield list(ordered.filter(pk__in=listed[first : first + PAGE]))
    if len(keys) > len(listed):
        yield None


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Lines of RFC 4180."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def cell(name: str, row: Any, pages: ModelAdmin) -> str:
    """The value of a column as text that no spreadsheet runs."""
    field, _, value = lookup_field(name, row, pages)
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value, value)
    return value_text(value)


def value_text(value: Any) -> str:
    """A number, a time in UTC, or harmless text without HTML."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float) or hasattr(value, "as_tuple"):
        return str(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    text = html.unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)
    return text if text == NONE else harmless(text)
