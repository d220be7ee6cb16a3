"""Who may do what. admin always may."""

ANALYSTS = ("quality", "engineer", "manager")
"""Analyse causes, plan and carry out CAPAs, publish knowledge."""

APPROVERS = ("quality", "manager")
"""Approve, reject, close, cancel and reopen a CAPA; withdraw an RCA."""

STAFF = (*ANALYSTS, "customer_service")
"""Record containment and costs, use knowledge, link cases, read everything."""

READERS = (*STAFF, "service")
