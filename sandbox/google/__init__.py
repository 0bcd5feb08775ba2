"""A simulated Google: identity, OAuth with its pages, and the Calendar API v3."""

from sandbox.google.fault_shapes import calendar_fault, token_fault
from sandbox.google.grants import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    SCRIPT_CLIENT_ID,
    OAuthClient,
)
from sandbox.google.identity import SYSTEM_ACCOUNT
from sandbox.google.simulator import TEAM_CALENDAR, GoogleSimulator
from sandbox.google.switches import Switches

__all__ = [
    "DEFAULT_CLIENT_ID",
    "DEFAULT_CLIENT_SECRET",
    "SCRIPT_CLIENT_ID",
    "SYSTEM_ACCOUNT",
    "TEAM_CALENDAR",
    "GoogleSimulator",
    "OAuthClient",
    "Switches",
    "calendar_fault",
    "token_fault",
]
