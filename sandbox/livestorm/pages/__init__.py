"""The pages that people see: rooms, registration, and the dashboard."""
