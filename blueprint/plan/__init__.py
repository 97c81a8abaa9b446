"""What a challenge comes to when it runs, and how two such plans differ (pure)."""
