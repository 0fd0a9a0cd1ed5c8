"""The rows, one module per subject; the database's constraints keep the product's promises."""

from study.models.builds import Build
from study.models.descriptions import Description
from study.models.sessions import Event, Presentation, Response, Session
from study.models.stimuli import Example, Stimulus, StimulusSet, Trial, TrialOption
from study.models.studies import Study

__all__ = [
    "Build",
    "Description",
    "Event",
    "Example",
    "Presentation",
    "Response",
    "Session",
    "Stimulus",
    "StimulusSet",
    "Study",
    "Trial",
    "TrialOption",
]
