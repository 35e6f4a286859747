"""Filters of lists. Each query parameter calls a QuerySet method; one module per resource."""
