"""Leases: rows that one worker at a time works on, for as long as it shows signs of life."""


class LeaseLost(Exception):
    """Whoever holds this lease was silent for too long; another worker does the work again.

    Raised inside the transaction that was to store the result, which is thereby undone.
    """
