"""The static site: the leaderboard, the challenge's pages and their plots."""
