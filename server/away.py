"""The one failure that every command tells in a line: there is no database to work on."""


class DatabaseAway(Exception):
    """The database cannot be used now. The message says why, for whoever runs the server."""
