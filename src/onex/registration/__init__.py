"""报名: sittings of the year, student rosters, entries, places and fees."""
