"""The database: one module per kind of record."""
