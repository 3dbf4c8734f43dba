"""门户: the public pages and the home of every role."""
