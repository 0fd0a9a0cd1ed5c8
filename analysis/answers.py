"""The one input of every statistic: what a volunteer chose in one trial."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One final answer of one session to one trial, named by classes, never by places on a screen.

    options    class names of the images shown, in the study's canonical order (not the order on screen)
    truth      the class whose image the clip was made from
    choice     the class of the image that was chosen
    order      place of the trial in the session, from 1
    position   place of the chosen image on the screen, from 0
    plays      how often the clip was started
    listens    how often it sounded from its beginning to its end
    option_ids ids of the images, one per option, or empty
    described  whether the session chose among written descriptions in place of the images
    condition  name of the session's condition (arm); empty where the study has none
    headphones whether the session passed the headphone check; None where it was not asked to
    again      whether a finished visit was known in the browser before this one; None where nobody looked
    """

    session: str
    trial: int
    options: tuple[str, ...]
    truth: str
    choice: str
    order: int | None = None
    position: int | None = None
    response_ms: int | None = None
    plays: int | None = None
    option_ids: tuple[str, ...] = ()
    session_complete: bool = True
    described: bool = False
    condition: str = ""
    listens: int | None = None
    headphones: bool | None = None
    again: bool | None = None

    @property
    def correct(self) -> bool:
        return self.choice == self.truth

    @property
    def truth_id(self) -> str:
        """Id of the image that the clip was made from; empty where ids are unknown."""
        return self._id_of(self.truth)

    @property
    def choice_id(self) -> str:
        """Id of the chosen image; empty where ids are unknown."""
        return self._id_of(self.choice)

    def _id_of(self, name: str) -> str:
        return self.option_ids[self.options.index(name)] if self.option_ids else ""
