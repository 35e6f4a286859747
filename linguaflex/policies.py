"""The Content-Security-Policy of each page (www.w3.org/TR/CSP3/).

``linguaflex/response_headers.py`` sends them.
"""

NONE, OWN = "'none'", "'self'"
# Of responses that are no pages, such as JSON. A browser that shows one as a document loads and runs nothing.
API = "default-src 'none'; frame-ancestors 'none'"


def policy(**sources: str) -> str:
    """A policy that permits only these sources, such as ``script_src="'self'"`` for ``script-src 'self'``."""
    closed = dict.fromkeys(("default_src", "base_uri", "form_action", "frame_ancestors"), NONE)
    return "; ".join(f"{name.replace('_', '-')} {value}" for name, value in (closed | sources).items())


# 'unsafe-eval': Alpine, which unfold's pages use, compiles the expressions of attributes.
# 'unsafe-inline', of styles only: unfold has style attributes and a <style> with its colours; HTMX adds one.
ADMIN = policy(
    script_src="'self' 'unsafe-eval'",
    style_src="'self' 'unsafe-inline'",
    img_src="'self' data:",
    font_src=OWN,
    connect_src=OWN,
    form_action=OWN,
)
# 'unsafe-inline', of styles only: styled-components, which ReDoc uses, adds <style> elements.
# blob: ReDoc's search runs in a worker that is not a file.
REDOC = policy(
    script_src=OWN,
    style_src="'self' 'unsafe-inline'",
    img_src="'self' data:",
    connect_src=OWN,
    worker_src="blob:",
)
# Swagger UI requests the first server of the document only, which is this one.
SWAGGER_UI = policy(script_src=OWN, style_src=OWN, img_src="'self' data:", connect_src=OWN)
