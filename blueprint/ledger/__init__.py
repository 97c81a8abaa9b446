"""The submissions' states in SQL: moves, leases, fencing, fault classes and the sweeper."""
