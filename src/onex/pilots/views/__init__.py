"""What answers the addresses: plans of provinces, applications of schools."""
