"""What reviewers ask beyond accuracy and kappa: tests, corrections, other coefficients, biases, exclusions.

>>> from analysis.review import review
>>> review(answers, seed=1, draws=1000).chance.permutation.p  # doctest: +SKIP

`analysis.tables.review_json` writes it; docs/statistics.md tells why each number is as it is.
"""
