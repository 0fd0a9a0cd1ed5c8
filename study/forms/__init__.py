"""What researchers fill in, one module per page; a valid form calls one verb."""

from study.forms.options import OptionsForm, PrivacyForm, StepsForm
from study.forms.people import CollaboratorForm
from study.forms.studies import StudyForm, readable

__all__ = ["CollaboratorForm", "OptionsForm", "PrivacyForm", "StepsForm", "StudyForm", "readable"]
