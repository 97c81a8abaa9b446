"""The counter between platform and evaluator: tickets, what is said over it, and its client."""
