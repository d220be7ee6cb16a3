"""Who may do what with persons. Administrators may all of it."""

ASKING = ("customer_service", "quality", "manager")
"""Find a person, see what there is of them, ask for their erasure."""
DECIDING = ("manager",)
"""Approve or refuse an erasure, and see everything that is held about a person."""
HOLDING = ("quality", "manager")
"""Put a hold on a person, and end it; protect who complains, and see who it is."""
