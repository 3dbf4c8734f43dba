"""Pages of registration, by noun: sittings, rosters, entries with their fees."""
