"""The product: conferences on demand, templates, connections and two-way sync."""
