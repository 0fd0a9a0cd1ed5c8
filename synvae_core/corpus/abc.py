"""Tunes in ABC notation: cutting a book into tunes, and one tune into the notes that are on its staff."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FIELD = re.compile(r"^([A-Za-z]):(.*)$")
FOUR_FOUR = {"C", "4/4"}
TWO_TWO = {"C|", "2/2"}

# What is written over the notes but is no note of its own: grace notes, chord names and fingerings,
# decorations in letters, slurs, annotations and spacers. Played, they would smear the sixteenth grid.
_DECORATION = re.compile(r'\{[^}]*\}|"[^"]*"|![^!]*!|[~.`HIJKLMNOPQRSTUVWhijklmnopqrstuvwy]|\((?!\d)|\)')
_INLINE_FIELD = re.compile(r"\[[A-Za-z]:[^\]]*\]")


@dataclass(frozen=True)
class Tune:
    """One tune of a book: its identity, its metres in order, and the ABC lines after the header."""

    book: str
    number: str
    title: str
    metres: tuple[str, ...]
    voices: int
    unit: str
    key: str
    body: tuple[str, ...]

    @property
    def piece(self) -> str:
        """The identity by which pieces are split: the same tune in two books has one."""
        words = re.sub(r"[^a-z0-9 ]", "", self.title.lower()).split()
        return " ".join(sorted(set(words) - {"the", "a", "an"})) or f"{self.book} {self.number}"


def read_tunes(path: Path, book: str) -> Iterator[Tune]:
    """The tunes of one ABC file."""
    text = path.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
    for block in re.split(r"(?m)^(?=X:)", text):
        if block.startswith("X:"):
            yield _tune(block, book, f"{path.stem}/")


def _tune(block: str, book: str, prefix: str) -> Tune:
    """One tune from its lines, `X:` first; a field is what comes before the first line of music."""
    fields: dict[str, list[str]] = {}
    body: list[str] = []
    for line in block.splitlines():
        line = re.sub(r"(?<!\\)%.*", "", line).rstrip()
        match = FIELD.match(line)
        if match:
            fields.setdefault(match[1], []).append(match[2].strip())
            if body and match[1] in "KLM":
                body.append(f"{match[1]}:{match[2].strip()}")
        elif line and "K" in fields:
            body.append(line)
    metres = [m.replace(" ", "") for m in fields.get("M", [])]
    metres += re.findall(r"\[M:\s*([^\]\s]+)\s*\]", block)
    return Tune(
        book=book,
        number=prefix + fields["X"][0],
        title=_title(fields.get("T", [""])[0]),
        metres=tuple(dict.fromkeys(metres)),
        voices=len(set(fields.get("V", [])) | set(re.findall(r"\[V:[^\]]*\]", block))),
        unit=fields.get("L", ["1/8"])[0],
        key=fields.get("K", ["C"])[0],
        body=tuple(body),
    )


def _title(text: str) -> str:
    """A title without the kind of tune that some books add: 'Miss Ratray -- Reel'."""
    return text.split(" -- ")[0].strip()


def plain_abc(tune: Tune, body: list[str]) -> str:
    """ABC of a tune at 120 quarters a minute in 4/4, with nothing but its notes, rests and repeats."""
    header = f"X:1\nT:tune\nM:4/4\nL:{tune.unit}\nQ:1/4=120\nK:{tune.key}\n"
    return header + "\n".join(body) + "\n"


def plain_body(tune: Tune) -> list[str]:
    """The tune's music without decorations; key and unit changes stay, metres were checked before."""
    return [
        line if FIELD.match(line) else _plain_music(line) for line in tune.body if not line.startswith("M:")
    ]


def first_bar(body: list[str]) -> list[str]:
    """The music before the first bar line that follows a note: the pickup, or the first whole bar."""
    lines: list[str] = []
    noted = False
    for line in body:
        if FIELD.match(line):
            lines.append(line)
            continue
        kept = ""
        for char in line:
            if char in "|:" and noted:
                return [*lines, kept + "|"]
            noted = noted or char in "ABCDEFGabcdefgz"
            kept += char if char not in "|:" else ""
        lines.append(kept)
    return lines


def _plain_music(line: str) -> str:
    """A line of music without its decorations; fields in square brackets keep their letters."""
    kept: list[str] = []
    end = 0
    for match in _INLINE_FIELD.finditer(line):
        kept += [_DECORATION.sub("", line[end : match.start()])]
        kept += [match[0]] if match[0][1] in "KL" else []
        end = match.end()
    return "".join(kept) + _DECORATION.sub("", line[end:])
