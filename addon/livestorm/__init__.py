"""The Livestorm API client."""
