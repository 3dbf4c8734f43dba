"""Pages of notices: the inbox, what was sent, how one wants to be told, the words."""
