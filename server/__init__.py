"""The Flask application and the command line."""
