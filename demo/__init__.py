"""An outsider that plays one whole certification cycle through the public pages; it imports nothing of OneX."""
