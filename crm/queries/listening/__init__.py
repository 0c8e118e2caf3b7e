"""Who of a customer speaks to us and who is silent, where levels disagree, and what is measured beside it."""
