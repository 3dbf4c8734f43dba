"""Notices: what the platform tells people, where it went, and who has read it."""
