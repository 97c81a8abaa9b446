"""The database: its tables, and how it is opened, read and written."""
