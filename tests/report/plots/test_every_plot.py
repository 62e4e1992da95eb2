"""What holds for every picture: where it is drawn, what comes back, what is left alone."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes

from mnlstat.errors import OptionError
from mnlstat.report.plots.style import COLOURS, ratio_ticks, style
from tests.report.plots.fits import anes, programme, separated, travel

PLOTS: dict[str, Callable[..., Any]] = {
    "coefficients by outcome": lambda **o: anes().plot.coefficients(**o),
    "coefficients by term": lambda **o: programme().plot.coefficients("term", rrr=True, **o),
    "coefficients of models": lambda **o: travel().plot.coefficients(models={"b": travel()}, **o),
    "coefficients, infinite": lambda **o: separated().plot.coefficients(**o),
    "odds ratios": lambda **o: anes().plot.odds_ratios(**o),
    "odds ratios, letters": lambda **o: programme().plot.odds_ratios(**o),
    "odds ratios, infinite": lambda **o: separated().plot.odds_ratios(**o),
    "ternary": lambda **o: programme().plot.ternary(**o),
    "profile": lambda **o: travel().plot.profile("bus:hinc", **o),
    "calibration": lambda **o: travel().plot.calibration(**o),
    "lines": lambda **o: anes().plot.probabilities("selfLR", **o),
    "lines by": lambda **o: programme().plot.probabilities("write", by="ses", **o),
    "area": lambda **o: travel().plot.probabilities("hinc", style="area", **o),
    "points": lambda **o: programme().plot.probabilities("ses", **o),
    "lines, observed": lambda **o: travel().plot.probabilities("hinc", at="observed", **o),
    "effects": lambda **o: anes().plot.effects(**o),
    "effects by outcome": lambda **o: programme().plot.effects(arrange="outcome", **o),
    "effect over a number": lambda **o: travel().plot.effect_over("hinc", **o),
    "effect over a factor": lambda **o: programme().plot.effect_over("write", "ses", **o),
    "ratios": lambda **o: travel().comparisons("hinc", comparison="ratio").plot(**o),
    "means": lambda **o: programme().marginal_means("ses").plot(**o),
    "bars": lambda **o: anes().plot.probabilities("vote", style="bars", **o),
}


@pytest.mark.parametrize("name", PLOTS)
def test_axes_come_back_with_their_data(name: str) -> None:
    ax = PLOTS[name]()
    assert isinstance(ax, Axes)
    assert isinstance(ax.data, pd.DataFrame)
    assert len(ax.data)


@pytest.mark.parametrize("name", PLOTS)
def test_the_axes_given_are_used_and_pyplot_is_left_alone(name: str) -> None:
    figure, (left, right) = plt.subplots(1, 2)
    try:
        before = plt.get_fignums(), dict(plt.rcParams)
        assert PLOTS[name](ax=right) is right
        PLOTS[name]()
        assert (plt.get_fignums(), dict(plt.rcParams)) == before
        assert figure.axes[:2] == [left, right]
        assert not left.has_data()
        assert not hasattr(right, "_repr_png_")
    finally:
        plt.close(figure)


@pytest.mark.parametrize("name", PLOTS)
def test_a_notebook_shows_600_pixels_and_nothing_is_cut_off(name: str) -> None:
    ax = PLOTS[name]()
    png = ax._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">I", png[16:20]) == (600,)
    whole = ax.figure.bbox
    legend = ax.get_legend()
    low, high = sorted(ax.get_ylim())
    ticks = [text for text in ax.get_yticklabels() if low <= text.get_position()[1] <= high]
    texts = [*ax.texts, ax.xaxis.label, ax.yaxis.label, *(ticks if ax.axison else ())]
    texts += [] if legend is None else legend.get_texts()
    for text in texts:
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent()
            assert box.x0 >= whole.x0 - 1, text
            assert box.x1 <= whole.x1 + 1, text
            assert box.y0 >= whole.y0 - 1, text
            assert box.y1 <= whole.y1 + 1, text


@pytest.mark.parametrize("name", sorted(set(PLOTS) - {"ternary"}))
def test_legends_are_beside_the_axes(name: str) -> None:
    ax = PLOTS[name]()
    ax._repr_png_()
    legend = ax.get_legend()
    if legend is not None:
        assert legend.get_window_extent().x0 >= ax.bbox.x1


def test_pyplot_is_not_imported() -> None:
    script = (
        "import sys, mnlstat as mn;"
        "res = mn.mnlogit('mode ~ hinc', mn.datasets.travel_mode()).fit(); res.plot;"
        "assert 'matplotlib' not in sys.modules;"
        "res.plot.coefficients(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("name", PLOTS)
def test_without_matplotlib(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLOTS[name]()  # fits are made before, by what may itself look for matplotlib
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(OptionError, match=r"mnlstat\[plot\]") as caught:
        PLOTS[name]()
    assert caught.value.code == "needs-matplotlib"


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("ax", [3, "ax", object()])
def test_what_is_no_axes_is_refused(name: str, ax: Any) -> None:
    with pytest.raises(OptionError) as caught:
        PLOTS[name](ax=ax)
    assert caught.value.code == "not-axes"


def colours(ax: Any) -> dict[str, Any]:
    """The colour of each outcome in the legend."""
    legend = ax.get_legend()
    handles, texts = legend.legend_handles, [text.get_text() for text in legend.get_texts()]
    found = {}
    for text, handle in zip(texts, handles, strict=True):
        colour = getattr(handle, "get_color", None) or handle.get_facecolor
        found[text] = colour()
    return found


def test_outcomes_keep_their_colour_whatever_the_base_and_the_plot() -> None:
    from matplotlib.colors import to_hex

    res = programme()
    wanted = {outcome: style(at).colour.lower() for at, outcome in enumerate(res.outcomes)}
    for fit in (res, res.rebase("vocation")):
        for ax in (
            fit.plot.coefficients("term"),
            fit.plot.odds_ratios(),
            fit.plot.ternary(),
            fit.plot.calibration(),
            fit.plot.probabilities("write"),
            fit.plot.probabilities("write", style="area"),
            fit.plot.probabilities("ses"),
            fit.plot.effects("write"),
            fit.plot.effect_over("write"),
        ):
            for outcome, colour in colours(ax).items():
                assert to_hex(colour) == wanted[outcome]


def test_forty_outcomes_all_look_different() -> None:
    looks = [style(at) for at in range(40)]
    assert len({(look.colour, look.dash) for look in looks}) == 40
    assert len({(look.colour, look.mark) for look in looks}) == 40
    assert len(set(COLOURS)) == len(COLOURS)


@pytest.mark.parametrize(
    ("low", "high"), [(0.9, 1.1), (0.2, 1.3), (0.03, 40.0), (1e-9, 1e12), (1e-299, 1e299), (1, 5)]
)
def test_ticks_of_ratios_are_few_and_within(low: float, high: float) -> None:
    ticks = ratio_ticks(low, high)
    assert 2 <= len(ticks) <= 9
    assert all(low <= tick <= high for tick in ticks)
    assert ticks == sorted(set(ticks))
