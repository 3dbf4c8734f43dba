"""What answers the addresses: tokens, receivers, deliveries, and the reference."""
