"""Numbers that say how well images, latents and melodies come through; docs/metrics.md tells what each means.

evaluate             everything about a pair of models over a set of images
measuring            all metrics of one path: `Measuring.measure` -> `PathMetrics`
paths                the three paths, and `travel`, which sends a whole source of images down one
neighbours           precision at n
classification       accuracy, interval, recall, confusion
own_judge            the classifier that is trained on a model's own reconstructions
melodies             the classifier that hears melodies alone
mutual_information   I(z_v; z_a) from below: `bounds` of a `critic`, which begins at `canonical` correlations
mine                 the paper's estimator of it, which saturates
music                onsets and density of melodies
fitting              the loop in which judges and critics are trained
"""
