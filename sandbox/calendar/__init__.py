"""The Calendar page of the sandbox: a stand-in for Google Calendar in the browser.

It shows a week, edits events, runs the add-on of ``manifest/`` on stand-ins for the Apps Script
services, and draws the cards the add-on answers with. It lives on the Google simulator's app.
"""

from sandbox.calendar.blueprint import blueprint_for

__all__ = ["blueprint_for"]
