"""Property tests here have no deadline: machines are shared, and a slow second is no failure."""

from hypothesis import settings

settings.register_profile("sampling", deadline=None, max_examples=50)
settings.load_profile("sampling")
