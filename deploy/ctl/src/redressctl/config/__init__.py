"""Definitions kept as files: what differs from what is published, and publishing it (docs/definitions.md)."""
