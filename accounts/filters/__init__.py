"""List filters, each a QuerySet method by its query parameter; a module for each resource."""
