"""Benchmarks of the API under its production command. docs/PERFORMANCE.md describes them."""
