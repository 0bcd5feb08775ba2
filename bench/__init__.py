"""Measurements of the program as it is served, run by hand: see docs/performance.md."""
