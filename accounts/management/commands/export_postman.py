"""Writes the Postman collection and its environments from the OpenAPI document."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.settings import spectacular_settings

from accounts.postman.collection import collection_of, environments


class Command(BaseCommand):
    help = "Writes docs/postman/: a collection with a test in each request, and two environments."

    def add_arguments(self, parser: CommandParser) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "postman"
        parser.add_argument("--folder", type=Path, default=folder, help="where the files are written")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        document = _document()
        title = document["info"]["title"]
        files = {f"{title}.postman_collection.json": collection_of(document)}
        for name, environment in environments(title).items():
            files[f"{name}.postman_environment.json"] = environment
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
            self.stdout.write(str(folder / name))


def _document() -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    generator = spectacular_settings.DEFAULT_GENERATOR_CLASS()
    rendered = OpenApiJsonRenderer().render(generator.get_schema(request=None, public=True))
    document: dict[str, Any] = json.loads(rendered)
    return document
