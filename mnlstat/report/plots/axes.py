"""Where a picture is drawn, and how it comes back: axes that hold their numbers.

Figures are made without pyplot, so that nothing of its state changes and nothing is left open.
Such a figure is shown by nobody; its axes therefore bring ``_repr_png_``, by which a notebook
shows what a cell returns.
"""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import shown
from mnlstat.report.plots.style import as_given

WIDTH, HEIGHT = 6.0, 4.0
BESIDE = (1.02, 1.0)


def axes(ax: Any, purpose: str, instead: str, height: float = HEIGHT) -> Any:
    """The axes to draw on: those given, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib axes or None
    purpose, instead : str
        What wants to draw, and where its numbers are without matplotlib, for the message.
    height : float
        Of a new figure, in inches; it is 6 wide.

    Raises
    ------
    OptionError
        Without matplotlib; for an ``ax`` that is none.
    """
    try:
        from matplotlib.axes import Axes
        from matplotlib.figure import Figure
    except ImportError as error:
        raise OptionError(
            "needs-matplotlib",
            f"{purpose} needs matplotlib, which is not installed: pip install mnlstat[plot].\n"
            f"{instead}",
        ) from error
    if ax is None:
        made: Any = Figure(figsize=(WIDTH, height), layout="constrained").add_subplot()
        made._repr_png_ = partial(_png, made)
        return made
    if not isinstance(ax, Axes):
        raise OptionError(
            "not-axes",
            f"ax={shown(ax)} is no matplotlib Axes; take one of those that plt.subplots() returns,"
            " or leave it out.",
        )
    return ax


def holding(ax: Any, data: pd.DataFrame) -> Any:
    """The axes, with the numbers that were drawn on them last as ``data``."""
    ax.data = data
    return ax


def legend(
    ax: Any, handles: list[Any], title: str = "", place: tuple[float, float] = BESIDE
) -> None:
    """A legend to the right of the axes, or at another place where it hides no data.

    Labels of the handles are made by ``label``; the title is text as given.
    """
    ax.legend(
        handles=handles,
        title=as_given(title) or None,
        loc="upper left",
        bbox_to_anchor=place,
        borderaxespad=0.0,
        frameon=False,
        fontsize="small",
        handlelength=2.6,
        title_fontsize="small",
        alignment="left",
    )


def _png(ax: Any) -> bytes:
    """The figure as a notebook shows it."""
    into = io.BytesIO()
    ax.figure.savefig(into, format="png")
    return into.getvalue()
