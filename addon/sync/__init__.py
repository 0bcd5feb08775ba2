"""Two-way sync: what both sides agreed on, what to do about changes, doing it."""
