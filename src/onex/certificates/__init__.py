"""证书: numbers, issue, the paper and its signed code, revocation, public verification."""
