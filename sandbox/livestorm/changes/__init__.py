"""What can happen in Livestorm, whoever does it: an integration or a person at the dashboard."""
