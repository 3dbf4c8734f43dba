"""公共: engines and furniture that two or more apps use."""
