"""Cards, leaderboards and figures, rendered from what entries ship."""
