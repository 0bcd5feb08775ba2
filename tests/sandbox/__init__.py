"""Tests of the simulators and the Calendar page."""
