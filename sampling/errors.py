"""What can be wrong with a study's sampling; every message is a sentence that says what to do."""


class SamplingError(Exception):
    """The base of all errors of this package."""


class LatentsError(SamplingError):
    """The latents, their labels, ids or class names cannot be used."""


class DesignError(SamplingError):
    """The design or the seed asks for something impossible or unknown."""


class ClassTooSmall(SamplingError):
    """A class, or too many of them, have fewer images than the design needs."""


class PlanError(SamplingError):
    """A stored plan is damaged, or of another version."""


class PlanMismatch(SamplingError):
    """A stored plan is not what its seed, design and latents give."""
