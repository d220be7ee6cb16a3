"""Registering in groups, against a real PostgreSQL."""
