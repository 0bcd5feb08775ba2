"""What people are shown of their events: how each stands, both sides of it, months and weeks."""
