"""Who came before the first answer: the table of answers alone does not know them."""

from dataclasses import dataclass

from analysis.exclusions import Stage


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Visits up to the trials. Who does not consent leaves no trace, and who withdrew is in no number.

    consented     agreed to take part
    screened_out  of these, sent away by the headphone check before they answered anything
    began         of the others, came to the trials
    """

    consented: int
    screened_out: int
    began: int

    def stages(self) -> tuple[Stage, ...]:
        """The flow before the first answer; the first stage leaves out nobody."""
        admitted = self.consented - self.screened_out
        return (
            Stage("consented", "gave consent", 0, 0, self.consented),
            Stage("admitted", "were sent away by the headphone check", self.screened_out, 0, admitted),
            Stage("began", "left before the trials", admitted - self.began, 0, self.began),
        )
