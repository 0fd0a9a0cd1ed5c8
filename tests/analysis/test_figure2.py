"""Figure 2: what is drawn, that nothing overlaps, and that its bytes never change."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase
from PIL import Image

from analysis import Answer, FigureError, Summary, figure2, summarise
from analysis.figures import choices
from analysis.figures.layout import PAGE_HEIGHT, PAGE_WIDTH, grid
from analysis.figures.style import CLASS_COLOURS, our_settings
from analysis.figures.thumbnails import SIDE, Pixels, Thumbnails, square
from tests.analysis.studies import simulated, study

RED, GREEN, BLUE = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
HATCH = "/////"


def plain(colour: tuple[int, int, int]) -> Pixels:
    return np.full((8, 8, 3), colour, dtype=np.uint8)


def pictures(summary: Summary) -> Thumbnails:
    colours = [plain(colour) for colour in (RED, GREEN, BLUE, (9, 9, 9), (200, 200, 200))]
    return {trial.trial: dict(zip(trial.options, colours, strict=False)) for trial in summary.trials}


def small() -> Summary:
    return summarise(study(["0140", "0100", "1140"], "0141"))


def drawn(summary: Summary, thumbnails: Thumbnails | None = None) -> Figure:
    squares = figure2(summary, thumbnails).pictures
    with our_settings():
        figure = choices.draw(summary, squares)
        figure.draw_without_rendering()
    return figure


def test_a_picture_that_has_gone_leaves_a_crossed_frame_that_says_so() -> None:
    hole = square(None)
    assert hole.shape == (SIDE, SIDE, 3)
    dark = hole[:, :, 0] < 150
    assert dark[:30].any()  # the cross
    assert dark[SIDE // 2 - 8 : SIDE // 2 + 8].mean() > 0.1  # the word
    summary = small()
    whole, holed = pictures(summary), {**pictures(summary), 1: [None, plain(GREEN), plain(BLUE)]}
    assert figure2(summary, holed).render("png") != figure2(summary, whole).render("png")


def rectangles(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def first_of(data: Any) -> float:
    return float(np.ravel(data)[0])


def words(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}


def bars(figure: Figure) -> list[tuple[str, float]]:
    """Colour and height of every filled bar from left to right."""
    found = [
        (patch.get_x(), to_hex(patch.get_facecolor()).upper(), patch.get_height())
        for patch in rectangles(figure.axes[0])
        if patch.get_zorder() == 2
    ]
    return [(colour, height) for _, colour, height in sorted(found)]


def test_bars_are_the_shares_of_each_class_in_the_order_of_the_classes() -> None:
    blue, orange, yellow = CLASS_COLOURS[:3]
    shares = [[2, 1, 0], [0, 3, 0], [1, 0, 2], [3, 0, 0]]
    colours, heights = zip(*bars(drawn(small())), strict=True)
    assert colours == (blue, orange, yellow) * 4
    assert heights == pytest.approx([100 * count / 3 for counts in shares for count in counts])


def test_the_correct_bar_is_hatched_outlined_and_has_a_triangle() -> None:
    axes = drawn(small()).axes[0]
    hatched = [patch for patch in rectangles(axes) if patch.get_hatch() == HATCH]
    assert [patch.get_height() for patch in hatched] == pytest.approx([200 / 3, 100, 200 / 3, 0])
    triangles = [line for line in axes.lines if line.get_marker() == "v"]
    middles = [patch.get_x() + patch.get_width() / 2 for patch in hatched]
    assert [first_of(line.get_xdata()) for line in triangles] == pytest.approx(middles)


def test_lines_show_mean_and_chance_with_their_values_in_words() -> None:
    figure = drawn(small())
    heights = [first_of(line.get_ydata()) for line in figure.axes[0].lines if line.get_marker() != "v"]
    texts = words(figure)
    assert heights == pytest.approx([100 * 7 / 12, 100 / 3])
    assert {"mean 58 %", "chance 33 %", "mean accuracy", "chance", "correct option", "95 % interval"} <= texts


def test_a_bar_of_nought_stays_nought() -> None:
    assert min(height for _, height in bars(drawn(small()))) == 0


def test_thumbnails_stand_under_their_bars_whatever_order_they_are_stored_in() -> None:
    answers = [Answer("s", 1, ("b", "a"), "a", "a"), Answer("s", 2, ("a", "b"), "a", "a")]
    listed = {1: [plain(RED), plain(GREEN)], 2: [plain(GREEN), plain(RED)]}
    figure = figure2(summarise(answers), listed)
    assert [[tuple(pixels[0, 0]) for pixels in trial] for trial in figure.pictures] == [[GREEN, RED]] * 2


def test_thumbnails_in_a_list_are_refused_where_answers_disagree_on_the_order() -> None:
    answers = [Answer("s", 1, ("b", "a"), "a", "a"), Answer("t", 1, ("a", "b"), "a", "a")]
    with pytest.raises(FigureError, match="give its thumbnails by class name instead of as a list"):
        figure2(summarise(answers), {1: [plain(RED), plain(GREEN)]})


@pytest.mark.parametrize(
    ("thumbnails", "sentence"),
    [
        ({1: {"0": plain(RED)}}, "Trial 1 has no thumbnail for '1', '4'."),
        ({9: [plain(RED)]}, "Trial 1 has no thumbnail for '0', '1', '4'."),
        ({1: [plain(RED)]}, "Trial 1 has 3 options but 1 thumbnails."),
        ({1: [plain(RED), plain(RED), b"text"]}, "The thumbnail of trial 1, '4' can't be read as an image: "),
        (
            {1: [plain(RED), plain(RED), "no.png"]},
            "The thumbnail of trial 1, '4' can't be read as an image: ",
        ),
        ({1: [plain(RED), plain(RED), np.zeros((2, 2, 7))]}, "The thumbnail of trial 1, '4' can't be read"),
    ],
)
def test_a_thumbnail_that_can_not_be_shown_is_named(thumbnails: Thumbnails, sentence: str) -> None:
    with pytest.raises(FigureError) as refusal:
        figure2(small(), thumbnails)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (64, 64, 3), (300, 200, 3), (28, 28, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_any_array_becomes_a_square_of_its_colour(shape: tuple[int, ...], dtype: str) -> None:
    white = np.full(shape, 255 if dtype == "uint8" else 1.0, dtype=dtype)
    np.testing.assert_array_equal(square(white), np.full((SIDE, SIDE, 3), 255))


def test_a_photograph_is_turned_as_its_camera_says_and_cut_to_its_middle() -> None:
    pixels = np.zeros((300, 100, 3), dtype=np.uint8)
    pixels[:100], pixels[100:200] = RED, GREEN
    image, out = Image.fromarray(pixels), BytesIO()
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(out, format="PNG", exif=exif)
    turned = square(out.getvalue())
    assert turned.shape == (SIDE, SIDE, 3)
    np.testing.assert_array_equal(turned[4:-4, 4:-4], np.full((SIDE - 8, SIDE - 8, 3), GREEN))


@pytest.mark.parametrize(("trials", "options"), [(1, 2), (1, 5), (4, 3), (20, 3), (30, 5)])
def test_any_number_of_trials_and_options_fits_a_page_without_overlap(trials: int, options: int) -> None:
    summary = summarise(
        simulated(3, trials, classes=("cat", "dog", "happy+peaceful", "a fourth", "5")[:options])
    )
    figure = drawn(summary, pictures(summary))
    width, height = figure.get_size_inches()
    assert width <= PAGE_WIDTH
    assert height <= PAGE_HEIGHT
    _assert_apart(figure)


@pytest.mark.parametrize("right", [0, 10, 20])
def test_the_names_of_mean_and_chance_never_overlap(right: int) -> None:
    answers = [Answer("s", n, ("a", "b"), "a", "a" if n <= right else "b") for n in range(1, 21)]
    _assert_apart(drawn(summarise(answers)))


def _assert_apart(figure: Figure) -> None:
    """All texts lie inside the figure, none on another and none on a picture."""
    page = figure.bbox
    boxes = [(text.get_text(), text.get_window_extent()) for text in _visible_texts(figure)]
    assert [name for name, box in boxes if not _inside(box, page)] == []
    images = [("a picture", image.get_window_extent()) for axes in figure.axes for image in axes.images]
    pairs = [*combinations(boxes, 2), *((text, image) for text in boxes for image in images)]
    assert [(one, other) for (one, a), (other, b) in pairs if a.shrunk(0.98, 0.98).overlaps(b)] == []


def _visible_texts(figure: Figure) -> list[Text]:
    shown = [axes for axes in figure.axes if axes.axison]
    around = [text for axes in shown for text in (*axes.texts, *axes.get_yticklabels(), axes.yaxis.label)]
    return [*around, *(text for legend in figure.legends for text in legend.get_texts())]


def _inside(box: Bbox, page: BboxBase) -> bool:
    return bool(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.width and box.y1 <= page.height)


def test_a_page_of_few_trials_prints_them_large() -> None:
    assert grid(3, 3, thumbnails=True).bar == 0.30
    assert grid(20, 3, thumbnails=True).bar >= 0.2


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_the_same_figure_has_the_same_bytes_in_any_order_of_answers(kind: str) -> None:
    answers = simulated(2, 3)
    first, second = (figure2(summarise(some), pictures(summarise(some))) for some in (answers, answers[::-1]))
    with matplotlib.rc_context({"font.size": 20, "svg.hashsalt": None, "savefig.bbox": "tight"}):
        assert second.render(kind) == first.render(kind)


def test_another_process_draws_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from analysis import *\n"
        "for path in sys.argv[1:]: figure2(summarise([Answer('s', 1, ('a', 'b'), 'a', 'b')])).save(path)"
    )
    paths = [tmp_path / f"figure2.{kind}" for kind in ("svg", "pdf", "png")]
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1"}
    subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)], cwd=repository, env=environment, check=True
    )
    here = figure2(summarise([Answer("s", 1, ("a", "b"), "a", "b")]))
    assert all(path.read_bytes() == here.render(path.suffix[1:]) for path in paths)


def test_each_format_is_ready_for_print(tmp_path: Path) -> None:
    figure = figure2(small(), pictures(small()))
    with Image.open(figure.save(tmp_path / "figure2.PNG")) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert "Software" not in image.info
    pdf = figure.save(tmp_path / "figure2.pdf").read_bytes()
    assert b"/Type3" not in pdf
    assert b"/FontFile2" in pdf
    assert b"/CreationDate" not in pdf


def test_the_svg_says_what_it_shows_to_a_screen_reader(tmp_path: Path) -> None:
    figure = figure2(summarise(study(["&<"], "&<", classes=("&", "<"))))
    path = figure.save(tmp_path / "figure2.svg")
    assert path.read_text("utf-8") == figure.to_svg()
    root = ElementTree.fromstring(figure.to_svg())
    names = root.attrib["aria-labelledby"].split()
    texts = {child.attrib.get("id"): child.text for child in root}
    assert root.attrib["role"] == "img"
    assert [texts[name] for name in names] == ["Figure 2", figure.alt_text]
    assert re.search(r"\d{4}-\d\d-\d\d", figure.to_svg()) is None


def test_the_alternative_text_tells_the_result() -> None:
    assert figure2(small()).alt_text == (
        "Bar chart of what 3 volunteers chose in 4 trials: one bar per class of picture (0, 1, 4), "
        "the correct one hatched and marked. Mean accuracy is 58 %, against 33 % by chance. "
        "Most were right in trial 2 (100 %), fewest in trial 4 (0 %). "
        "A wrong picture was chosen more often than the correct one in trial 4."
    )


def test_dollars_and_foreign_letters_in_class_names_are_drawn_as_they_are() -> None:
    names: Sequence[str] = ("$x^2$", "\\frac", "猫")
    summary = summarise([Answer("s", 1, tuple(names), names[0], names[1])])
    assert set(names) <= words(drawn(summary))
    assert figure2(summary).to_svg().startswith("<?xml")


def test_more_classes_than_colours_are_refused() -> None:
    classes = tuple("abcdefgh")
    with pytest.raises(FigureError, match="colours for 7 classes; this study has 8"):
        figure2(summarise([Answer("s", 1, classes, "a", "a")]))


def test_another_file_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match=r"saved as \.svg, \.pdf or \.png, not \.jpeg"):
        figure2(small()).save(tmp_path / "figure2.jpeg")


def test_a_trial_with_fewer_options_than_others_has_fewer_bars() -> None:
    answers = [Answer("s", 1, ("a", "b"), "a", "a"), Answer("s", 2, ("a", "b", "c"), "c", "c")]
    blue, orange, yellow = CLASS_COLOURS[:3]
    summary = summarise(answers)
    assert bars(drawn(summary, pictures(summary))) == [
        (blue, 100), (orange, 0), (blue, 0), (orange, 0), (yellow, 100)
    ]  # fmt: skip


def test_a_thumbnail_that_claims_too_many_pixels_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    picture = BytesIO()
    Image.new("L", (40, 40)).save(picture, format="png")
    with pytest.raises(FigureError, match=r"The thumbnail of it can't be read as an image: .* exceeds limit"):
        square(picture.getvalue(), "it")
