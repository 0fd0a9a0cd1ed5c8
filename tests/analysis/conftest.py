"""Property tests here measure nothing, so a busy machine must not fail them; 50 examples keep them short."""

from hypothesis import settings

settings.register_profile("analysis", deadline=None, max_examples=50)
settings.load_profile("analysis")
