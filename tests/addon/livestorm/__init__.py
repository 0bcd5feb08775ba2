"""Tests of the Livestorm client."""
