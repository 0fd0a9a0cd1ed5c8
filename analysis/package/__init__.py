"""A study's package: one ZIP from which every number is computed again, without server or database."""
