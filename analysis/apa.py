"""Numbers as the Publication Manual of the American Psychological Association (7th edition) writes them."""

from analysis.values import Interval, Number, Range, is_number


def number(value: float, digits: int = 2) -> str:
    """'1.35', '−0.20'; never '−0.00'."""
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else f"{0:.{digits}f}"


def share(value: float, digits: int = 2) -> str:
    """A number that cannot exceed 1, without its leading zero: '.71', '1.00'."""
    return (
        number(value, digits).replace("0.", ".", 1)
        if abs(float(f"{value:.{digits}f}")) < 1
        else number(value, digits)
    )


def count(value: int) -> str:
    """'1,000'."""
    return f"{value:,}"


def p_value(p: float) -> str:
    """'p = .038', 'p < .001', 'p > .999'."""
    if p < 0.001:
        return "p < .001"
    return "p > .999" if p > 0.999 else f"p = {share(p, 3)}"


def interval(found: Range, *, bounded: bool = True, digits: int = 2) -> str:
    """'95% CI [.63, .78]', or nothing where there is none."""
    if not isinstance(found, Interval):
        return ""
    low, high = (share(end, digits) if bounded else number(end, digits) for end in (found.low, found.high))
    return f"{100 * found.level:g}% CI [{low}, {high}]"


def with_interval(name: str, value: Number, found: Range, *, bounded: bool = True) -> str:
    """'κ = .24, 95% CI [.12, .35]'; where the value is undefined, its reason."""
    if not is_number(value):
        return str(value)
    told = share(value) if bounded else number(value)
    return ", ".join(filter(None, (f"{name} = {told}", interval(found, bounded=bounded))))


def listed(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b, and c'."""
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"
