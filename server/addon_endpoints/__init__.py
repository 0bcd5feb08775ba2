"""The endpoints that Google Calendar calls, through the Apps Script bridge or by itself."""
