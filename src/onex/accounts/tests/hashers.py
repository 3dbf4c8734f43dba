"""The hash of production made cheap enough to be run some hundred times: the same path, fewer rounds."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2id with little memory: some milliseconds, so that leaving it out would show plainly."""

    time_cost = 2
    memory_cost = 8_192
    parallelism = 1
