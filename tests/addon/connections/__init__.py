"""Tests of who is linked to what."""
