"""Google identity and the Calendar API."""
