"""Tests of sandbox/livestorm."""
