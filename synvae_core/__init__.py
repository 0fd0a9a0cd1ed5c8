"""Images to music and back: the models, their data, training and metrics. Never imports Django.

Kept empty of imports on purpose: torch and note_seq take seconds to load, so callers import what they need.
"""
