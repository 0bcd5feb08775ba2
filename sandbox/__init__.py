"""Simulators of both companies and the Calendar page, for make run and the tests."""
