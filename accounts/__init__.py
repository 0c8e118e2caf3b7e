"""What we know: customer accounts (records, who sees them, every write) and the people who keep them."""
