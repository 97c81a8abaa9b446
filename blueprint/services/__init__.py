"""The services of a platform on servers: one module each, what it contributes to the plan."""
