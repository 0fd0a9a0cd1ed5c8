"""What researchers fill in, one module per page; a valid form calls one verb."""

from study.forms.descriptions import DescriptionsForm
from study.forms.options import OptionsForm, PrivacyForm, StepsForm
from study.forms.own_picture import OwnPictureForm
from study.forms.people import CollaboratorForm
from study.forms.studies import StudyForm, readable

__all__ = [
    "CollaboratorForm",
    "DescriptionsForm",
    "OptionsForm",
    "OwnPictureForm",
    "PrivacyForm",
    "StepsForm",
    "StudyForm",
    "readable",
]
