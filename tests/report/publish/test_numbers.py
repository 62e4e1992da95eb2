"""The numbers of a table are those of tidy() and glance(), rounded."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.report.publish.estimates import places
from mnlstat.report.publish.table import Table
from tests.report.publish import reading
from tests.report.publish.fits import FITS, ordinary, robust, weighted
from tests.report.publish.test_formats import FORMATS

COLUMNS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")


def number(text: str) -> float:
    """What a cell says; infinities and NaN by their names."""
    return float(text.replace("+Inf", "inf").replace("-Inf", "-inf").rstrip("*^"))


def agrees(text: str, value: float, digits: int) -> bool:
    """Whether a cell is the value, rounded."""
    if text == "nan" or math.isnan(value):
        return text in ("nan", "", "-Inf", "+Inf") and not math.isfinite(value)
    if text == "<1e-300":
        return 0 <= value < 1e-300
    if text.startswith("<"):
        return value < number(text[1:])
    return number(text) == pytest.approx(value, abs=0.5000001 * 10.0**-digits, rel=0)


def ends(text: str) -> tuple[str, str]:
    low, high = text.strip("[]").split(", ")
    return low, high


@pytest.mark.parametrize("rrr", [False, True])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", FITS)
def test_long_tables_are_tidy_rounded(kind, form, rrr) -> None:
    res = FITS[kind]()
    summary = res.summary(rrr=rrr, alpha=0.1)
    table = summary.table(digits=5)
    rows = FORMATS[form](getattr(table, f"to_{form}")(), table)
    cells = [row[1:] for row in rows if len(row) > 1][: len(res.params)]
    tidy = res.tidy(exponentiate=rrr, alpha=0.1)
    for row, limit, wanted in zip(cells, summary.limits, tidy.to_dict("records"), strict=True):
        if limit:
            assert row == ["0" if rrr else "-Inf", "", "", "", ""]
            continue
        estimate, std_error, statistic, p_value, interval = row
        assert agrees(estimate, wanted["estimate"], 5)
        assert agrees(std_error, wanted["std_error"], 5)
        assert agrees(statistic, wanted["statistic"], 3)
        assert agrees(p_value, wanted["p_value"], 3)
        for text, end in zip(ends(interval), ("conf_low", "conf_high"), strict=True):
            assert agrees(text, wanted[end], 5)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", FITS)
def test_statistics_are_those_of_glance(kind, form) -> None:
    res = FITS[kind]()
    names = ["nobs", "log_likelihood", "mcfadden_r2", "log_likelihood_null", "deviance"]
    table = res.summary().table(stats=names, digits=4, layout="wide")
    rows = FORMATS[form](getattr(table, f"to_{form}")(), table)[-len(names) :]
    for name, row in zip(names, rows, strict=True):
        assert agrees(row[1], float(res.glance()[name].iloc[0]), 4)
    assert table.statistics[names].iloc[0].tolist() == res.glance()[names].iloc[0].tolist()


@pytest.mark.parametrize("kind", FITS)
def test_wide_tables_hold_the_numbers_of_long_ones(kind) -> None:
    res = FITS[kind]()
    for show in ("std_error", "interval", ("p_value", "statistic"), "none"):
        for stars in (False, True):
            options = {"show": show, "place": "below", "stars": stars, "stats": "none"}
            if show == "none":
                del options["place"]
            long, wide = (
                reading.expected(res.summary().table(layout=layout, **options))
                for layout in ("long", "wide")
            )
            blocks: list[list[str]] = []
            for row in long:
                if len(row) == 1:
                    blocks.append([])
                else:
                    blocks[-1].append(row[1])
            assert [row[1:] for row in wide] == [list(t) for t in zip(*blocks, strict=True)]


def test_without_digits_numbers_are_those_of_the_printed_summary() -> None:
    for kind in FITS:
        for rrr in (False, True):
            summary = FITS[kind]().summary(rrr=rrr)
            for row in reading.expected(summary.table(stats="none")):
                printed = [line.split() for line in str(summary).splitlines()]
                if len(row) > 1:
                    interval = list(ends(row[5])) if row[5] else []
                    wanted = [*row[0].split(), *filter(None, row[1:5]), *interval]
                    assert wanted in printed


def test_several_models_keep_their_own_numbers() -> None:
    fits = {"plain": ordinary(), "robust": robust(), "weighted": weighted()}
    table = mn.table(fits, digits=4, layout="long", show="none")
    rows = {}
    for row in reading.expected(table):
        if len(row) == 1:
            heading = row[0]
        else:
            rows[heading, row[0]] = row[1:]
    for at, res in enumerate(fits.values()):
        for _, wanted in res.tidy().iterrows():
            texts = rows[f"{wanted['outcome']} vs {res.base}", wanted["term"]]
            assert agrees(texts[at], wanted["estimate"], 4)
    frame = table.frame
    assert frame["model"].unique().tolist() == list(fits)
    for name, res in fits.items():
        mine = frame[frame["model"] == name].drop(columns="model").reset_index(drop=True)
        assert mine.equals(res.tidy().reset_index(drop=True))


def test_models_against_other_bases_share_no_column() -> None:
    res = ordinary()
    table = mn.table([res, res.rebase("bus")])
    assert [(cell.text, cell.span) for cell in table.heads[0]] == [
        (f"{outcome} vs {base}", 1)
        for base in ("car", "bus")
        for outcome in res.outcomes
        if outcome != base
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_effects_are_their_frame_rounded(form) -> None:
    effects = ordinary().margins()
    long, wide = effects.table(digits=6), effects.table(layout="wide", show="none", digits=6)
    rows = [r[1:] for r in FORMATS[form](getattr(long, f"to_{form}")(), long) if len(r) > 1]
    frame = effects.frame
    for row, wanted in zip(rows, frame.to_dict("records"), strict=True):
        texts = [*row[:4], *ends(row[4])]
        for text, name in zip(texts, COLUMNS, strict=True):
            assert agrees(text, wanted[name], 3 if name in ("statistic", "p_value") else 6)
    across = FORMATS[form](getattr(wide, f"to_{form}")(), wide)
    estimates = np.array([[number(text) for text in row[1:]] for row in across])
    shape = frame["estimate"].to_numpy().reshape(estimates.shape)
    np.testing.assert_allclose(estimates, shape, rtol=0, atol=0.5000001e-6)


def test_effects_are_called_as_they_print() -> None:
    res = ordinary()
    every = (
        res.margins(),
        res.average_predictions(by="psize"),
        res.average_predictions(),
        res.comparisons("hinc", comparison="ratio"),
        res.margins().contrasts("outcome"),
    )
    for effects in every:
        printed = {" ".join(line.split()) for line in str(effects).splitlines()}
        for row in reading.expected(effects.table()):
            interval = list(ends(row[-1])) if len(row) > 1 else []
            assert " ".join([*row[: len(row) - 1 if interval else 1], *interval]) in printed


def test_estimates_of_one_place_are_all_shown() -> None:
    effects = ordinary().margins()
    keys = effects.keys.assign(variable="x", contrast="same")
    table = replace(effects, keys=keys).table(layout="wide", show="none", digits=6)
    assert len(reading.expected(table)) == 2
    assert len({row[1] for row in reading.expected(table)}) == 2


def test_predictions_are_their_frame_rounded() -> None:
    data = mn.datasets.travel_mode().head(3)
    wide = ordinary().predict(data, interval=True, shape="wide")
    table = mn.table(wide, digits=3)
    assert [cell.span for cell in table.heads[0]] == [4] * 4
    for row, values in zip(reading.expected(table), wide.to_numpy(), strict=True):
        assert row[1:] == [places(value, 3) for value in values]
    long = ordinary().predict(data, shape="long")
    texts = [row[1:] for row in reading.expected(mn.table(long))]
    assert texts == [[row.outcome, f"{row.estimate:.4f}"] for row in long.itertuples()]


def test_frames_of_every_kind_of_column() -> None:
    res = ordinary()
    assert reading.expected(mn.table(res.anova(), digits=2))[0][0] == "hinc"
    table = mn.table(res.classification_table(), labels={"row": {"air": "Air"}})
    assert table.stub == "observed"
    assert reading.expected(table)[0][0] == "Air"
    assert isinstance(mn.table(res.params, title="Coefficients"), Table)


@pytest.mark.parametrize(
    ("value", "digits", "scale", "text"),
    [
        (0.0004, 3, 0.0, "4.00e-04"),
        (0.0004, 3, 0.1, "0.000"),
        (-0.0004, 3, 0.1, "0.000"),
        (0.0005, 3, 0.0, "0.001"),
        (1.25e9, 2, 0.0, "1.250e+09"),
        (0.0, 2, 0.0, "0.00"),
        (3.7, 0, 0.0, "4"),
        (0.2, 0, 0.0, "2e-01"),
        (float("nan"), 2, 0.0, "nan"),
        (float("-inf"), 2, 0.0, "-Inf"),
    ],
)
def test_digits_never_hide_a_number(value, digits, scale, text) -> None:
    assert places(value, digits, scale) == text
