"""Tests of making rooms."""
