"""Small data sets in the public domain, shipped with the package.

Every function reads its file anew and returns a fresh frame, which is yours to change.
``available()`` lists them.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

__all__ = ["anes96", "available", "program_choice", "separated_toy", "travel_mode"]


def _read(name: str, **converters: Callable[[str], object]) -> pd.DataFrame:
    from importlib.resources import files  # slow to import and seldom needed

    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, converters=converters)


def anes96() -> pd.DataFrame:
    """Party identification of 944 American voters, 1996.

    Returns
    -------
    DataFrame
        944 rows, no missing values, and the columns

        ========  ==========================================================================
        popul     population of the census place, in thousands
        TVnews    days per week on which the respondent watches the news on television
        selfLR    own political position, 1 extremely liberal to 7 extremely conservative
        ClinLR    position the respondent gives to Bill Clinton, same scale
        DoleLR    position the respondent gives to Bob Dole, same scale
        PID       party identification: ``p0`` strong Democrat, ``p1`` weak Democrat,
                  ``p2`` independent leaning to the Democrats, ``p3`` independent,
                  ``p4`` independent leaning to the Republicans, ``p5`` weak Republican,
                  ``p6`` strong Republican
        age       age in years
        educ      education, 1 (up to 8 grades) to 7 (doctorate); 3 finished high school,
                  5 college degree
        income    household income, 24 brackets from 1 (below $3,000) to 24 ($105,000 or more)
        vote      expected vote: 0 Clinton, 1 Dole
        logpopul  log(popul + 0.1)
        ========  ==========================================================================

    Notes
    -----
    Source: American National Election Studies, 1996; the extract that statsmodels ships as
    ``statsmodels.datasets.anes96``.  Licence: public domain.  ``PID`` is stored there as 0 to 6.

    Examples
    --------
    >>> from mnlstat import datasets
    >>> datasets.anes96()["PID"].value_counts().sort_index().to_dict()
    {'p0': 200, 'p1': 180, 'p2': 108, 'p3': 37, 'p4': 94, 'p5': 150, 'p6': 175}
    """
    return _read("anes96", logpopul=float)


def travel_mode() -> pd.DataFrame:
    """How 210 people travelled between Sydney, Canberra and Melbourne, 1987.

    Returns
    -------
    DataFrame
        210 rows, one per traveller, no missing values, and the columns

        =====  ==================================================
        mode   mode of travel chosen: air, bus, car or train
        hinc   household income in thousands of dollars
        psize  number of people who travelled together
        =====  ==================================================

    Notes
    -----
    The sample was drawn by the mode chosen: air, train and bus are over-represented, car is
    under-represented, so the constants of a model do not describe the population.

    Source: W. H. Greene and D. Hensher (1997), table F18-2 of Greene, *Econometric Analysis*,
    7th edition; the copy that statsmodels ships as ``statsmodels.datasets.modechoice``, of which
    the row of the chosen mode is kept and the attributes of the modes are left out.
    Licence: public domain.

    Examples
    --------
    >>> from mnlstat import datasets
    >>> datasets.travel_mode()["mode"].value_counts().sort_index().to_dict()
    {'air': 58, 'bus': 30, 'car': 59, 'train': 63}
    """
    return _read("travel_mode")


def program_choice() -> pd.DataFrame:
    """Programs that 200 pupils of American high schools were in, 1980.

    Returns
    -------
    DataFrame
        200 rows, no missing values, and the columns

        ======  ============================================================================
        prog    program: academic, general or vocation
        ses     socioeconomic status, categorical: low, middle, high, in this order, so that
                low is the reference level of a formula
        write   score in a test of writing, 31 to 67
        female  female or male
        math    score in a test of mathematics, 33 to 75
        ======  ============================================================================

    Notes
    -----
    Manuals of other programs use these rows for multinomial logit models; the pages on coming
    from R, Stata, SPSS and SAS lay their numbers beside ours.

    Source: High School and Beyond, National Center for Education Statistics, an agency of the
    government of the United States; the sample for teaching known as ``hsbdemo`` of the
    statistical consulting group of the University of California, Los Angeles, of which five
    columns are kept.  Licence: public domain.

    Examples
    --------
    >>> from mnlstat import datasets
    >>> pupils = datasets.program_choice()
    >>> pupils["prog"].value_counts().sort_index().to_dict()
    {'academic': 105, 'general': 45, 'vocation': 50}
    >>> pupils["ses"].cat.categories.tolist()
    ['low', 'middle', 'high']
    """
    frame = _read("program_choice")
    levels = pd.CategoricalDtype(["low", "middle", "high"])
    return frame.assign(ses=frame["ses"].astype(levels))


def separated_toy() -> pd.DataFrame:
    """32 invented rows for which no finite maximum-likelihood estimate exists.

    Outcome ``C`` never occurs where ``x`` is ``yes``.  In ``y ~ x + z`` the coefficient of ``x``
    for ``C`` against ``A`` therefore runs to minus infinity.  With ``C`` as the base, both
    coefficients of ``x`` run to infinity while their difference stays finite.

    Returns
    -------
    DataFrame
        32 rows, no missing values, and the columns

        ===  =============================
        x    text: no or yes
        z    a number between 0.2 and 4.4
        y    outcome: A, B or C
        ===  =============================

    Notes
    -----
    Source: constructed for testing.  Licence: public domain.

    Examples
    --------
    >>> import pandas as pd
    >>> from mnlstat import datasets
    >>> toy = datasets.separated_toy()
    >>> pd.crosstab(toy["x"], toy["y"]).loc["yes"].to_dict()
    {'A': 7, 'B': 7, 'C': 0}
    """
    return _read("separated_toy")


def available() -> pd.DataFrame:
    """The data sets of this module, one per row.

    Returns
    -------
    DataFrame
        Indexed by the name of the function; columns ``rows``, ``response`` (the column usually
        modelled), ``outcomes`` (how many), ``licence`` and ``about``.

    Examples
    --------
    >>> from mnlstat import datasets
    >>> datasets.available()[["rows", "response", "outcomes"]]
                    rows response  outcomes
    anes96           944      PID         7
    travel_mode      210     mode         4
    program_choice   200     prog         3
    separated_toy     32        y         3
    """
    return pd.DataFrame.from_dict(
        {
            "anes96": (944, "PID", 7, "public domain", "party identification, USA 1996"),
            "travel_mode": (210, "mode", 4, "public domain", "mode of travel, Australia 1987"),
            "program_choice": (200, "prog", 3, "public domain", "programs of pupils, USA 1980"),
            "separated_toy": (32, "y", 3, "public domain", "no finite maximum exists"),
        },
        orient="index",
        columns=["rows", "response", "outcomes", "licence", "about"],
    )
