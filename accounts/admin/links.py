"""Links in the pages of the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.urls import reverse
from django.utils.html import format_html


def link(address: str, text: object) -> str:
    """A link in the colour of the admin's links."""
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, text)


def list_address(pages: ModelAdmin[Any]) -> str:
    """The path of the list of a model."""
    return reverse(f"admin:{pages.opts.app_label}_{pages.opts.model_name}_changelist")
