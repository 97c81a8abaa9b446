"""Who takes part: accounts, teams, agreements, approval, and the credentials that follow them."""
