"""The rows, one module per subject; the database's constraints keep the product's promises."""

from study.models.builds import Build
from study.models.conditions import Condition
from study.models.descriptions import Description
from study.models.exports import Export
from study.models.galleries import Exhibit, ExhibitPicture, PictureText
from study.models.headphones import HeadphoneCheck, HeadphoneSound
from study.models.own_pictures import OwnPicture
from study.models.participants import Outcome, Participant
from study.models.privacy import ConsentText, Tombstone
from study.models.questions import Question, QuestionAnswer
from study.models.sessions import Event, Presentation, Response, Session
from study.models.stimuli import Example, Stimulus, StimulusSet, Trial, TrialOption
from study.models.studies import Study
from study.models.texts import StudyText

__all__ = [
    "Build",
    "Condition",
    "ConsentText",
    "Description",
    "Event",
    "Example",
    "Exhibit",
    "ExhibitPicture",
    "Export",
    "HeadphoneCheck",
    "HeadphoneSound",
    "Outcome",
    "OwnPicture",
    "Participant",
    "PictureText",
    "Presentation",
    "Question",
    "QuestionAnswer",
    "Response",
    "Session",
    "Stimulus",
    "StimulusSet",
    "Study",
    "StudyText",
    "Tombstone",
    "Trial",
    "TrialOption",
]
