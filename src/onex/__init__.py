"""OneX: the whole 1+X vocational certification cycle in one place."""
