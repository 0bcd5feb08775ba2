"""Tests of sandbox/simulation."""
