"""What researchers fill in, one module per page; a valid form calls one verb."""

from study.forms.conditions import ConditionForm
from study.forms.declared import DeclaredForm
from study.forms.descriptions import DescriptionsForm
from study.forms.gallery import ExhibitForm, GalleryForm
from study.forms.options import OptionsForm, PrivacyForm, SoundForm, StepsForm
from study.forms.own_picture import OwnPictureForm
from study.forms.panel import PanelForm
from study.forms.people import CollaboratorForm
from study.forms.power import PowerForm
from study.forms.returning import ReturningForm
from study.forms.studies import StudyForm, readable
from study.forms.texts import LanguageForm, TextsForm

__all__ = [
    "CollaboratorForm",
    "ConditionForm",
    "DeclaredForm",
    "DescriptionsForm",
    "ExhibitForm",
    "GalleryForm",
    "LanguageForm",
    "OptionsForm",
    "OwnPictureForm",
    "PanelForm",
    "PowerForm",
    "PrivacyForm",
    "ReturningForm",
    "SoundForm",
    "StepsForm",
    "StudyForm",
    "TextsForm",
    "readable",
]
