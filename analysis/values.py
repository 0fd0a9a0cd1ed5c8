"""Small frozen values that statistics return: intervals, and sentences in place of nan."""

from dataclasses import dataclass
from typing import TypeGuard


@dataclass(frozen=True, slots=True)
class Undefined:
    """A number that these answers don't determine, with the reason as a sentence for the reader."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval of a share, and how it was made."""

    low: float
    high: float
    method: str
    level: float = 0.95

    def __contains__(self, share: float) -> bool:
        return self.low <= share <= self.high


Number = float | Undefined
Range = Interval | Undefined


def is_number(value: Number) -> TypeGuard[float]:
    """Whether a number is there, as opposed to a reason why it is not."""
    return not isinstance(value, Undefined)


def counted(number: int, noun: str) -> str:
    """'1 trial', '2 trials'."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def signed(value: float, digits: int) -> str:
    """'+0.17', '-0.17', and '0.00' for what is rounded to nothing."""
    text = f"{value:+.{digits}f}"
    return text if float(text) else f"{0:.{digits}f}"


def ratio(part: int, whole: int, *, otherwise: str) -> Number:
    """`part / whole`, or the sentence `otherwise` where there is nothing to divide by."""
    return part / whole if whole else Undefined(otherwise)
