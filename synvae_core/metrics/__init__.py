"""Numbers that say how well images, latents and melodies come through.

`neighbours` precision at n, `music` onsets and density, `evaluate` all of them over a test set.
"""
