"""Pure functions from values to the card JSON that Google Calendar shows."""
