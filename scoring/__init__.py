"""What we conclude: value, tiers and churn, computed from what `accounts` knows."""
