"""账号与机构: people, organisations, the hats people wear, and the door."""
