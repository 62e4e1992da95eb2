"""The unconditional variance of averages against a dense computation, and what it must equal."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.arrays import FloatArray
from mnlstat.errors import ConvergenceError, DataError, OptionError, SeparationError

N, J = 240, 3
FORMULA = "y ~ x * z"
ROBUST = {"kind": "robust"}


@functools.cache
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    x, z = rng.normal(size=N), rng.uniform(0.5, 2.0, N)
    eta = np.c_[np.zeros(N), 0.4 + 0.8 * x - 0.3 * z, -0.2 - 0.5 * x + 0.4 * x * z]
    y = (eta + rng.gumbel(size=eta.shape)).argmax(axis=1)
    data = pd.DataFrame({"y": np.array(list("abc"))[y], "x": x, "z": z})
    data["group"] = np.where(z + rng.normal(size=N) > 1.2, "high", "low")
    data["school"] = rng.integers(0, 30, N)
    data["year"] = rng.integers(0, 12, N)
    data["stratum"] = data["school"] % 4
    data["N"] = data["stratum"].map({0: 20, 1: 30, 2: 15, 3: 40})
    data["f"], data["w"] = rng.integers(1, 4, N), rng.uniform(0.2, 3.0, N)
    counts = rng.multinomial(5, [0.3, 0.3, 0.4], N)
    data[["ka", "kb", "kc"]] = counts
    data.loc[counts[:, 0] == 0, "ka"] = 1
    return data


class Dense:
    """Everything at once: scores, information and what each row adds, as the definition says."""

    def __init__(self, res: Any, X: FloatArray, y: FloatArray, w: FloatArray, f: FloatArray):
        self.B = res.params.to_numpy().reshape(J - 1, -1)
        self.X, self.y, self.w, self.f = X, y, w, f
        self.m = y.sum(axis=1)
        pi = self.probabilities(self.B, X)
        resid = (y - self.m[:, None] * pi)[:, 1:]
        self.scores = w[:, None] * np.einsum("nq,nk->nqk", resid, X).reshape(len(X), -1)
        V = np.einsum("nq,qr->nqr", pi[:, 1:], np.eye(J - 1)) - np.einsum(
            "nq,nr->nqr", pi[:, 1:], pi[:, 1:]
        )
        mass = w * f * self.m
        size = self.B.size
        information = np.einsum("n,nqr,nk,nl->qkrl", mass, V, X, X).reshape(size, size)
        self.bread = np.linalg.inv(information)

    @staticmethod
    def probabilities(B: Any, X: FloatArray) -> Any:
        e = np.exp(np.c_[np.zeros(len(X)), X @ B.T])
        return e / e.sum(axis=1, keepdims=True)

    def gradient(self, mean: Callable[[Any], Any]) -> FloatArray:
        """By the complex step: exact."""
        columns = []
        for at in range(self.B.size):
            B = self.B.astype(complex)
            B.flat[at] += 1e-30j
            columns.append(np.ravel(mean(B)).imag / 1e-30)
        return np.array(columns).T

    def influence(self, g: Callable[[Any], Any], into: FloatArray) -> FloatArray:
        """``phi`` (n, R S) of means of rows' ``g(B)`` (n, S) in groups (R, n) of ones."""
        mass = self.w * self.f * self.m
        W = into @ mass

        def mean(B: Any) -> Any:
            return (into * mass) @ g(B) / W[:, None]

        about = g(self.B)[None] - mean(self.B)[:, None, :]
        own = (into * (self.w * self.m) / W[:, None])[:, :, None] * about
        adds = np.moveaxis(own, 0, 1).reshape(len(self.X), -1)
        return np.asarray(adds + self.scores @ self.bread @ self.gradient(mean).T)


def design(data: pd.DataFrame, by: float = 0.0) -> FloatArray:
    x, z = data["x"].to_numpy() + by, data["z"].to_numpy()
    return np.c_[np.ones(len(x)), x, z, x * z]


def one_hot(values: Any) -> FloatArray:
    return np.asarray(pd.get_dummies(values), dtype=float)


def dense(res: Any, w: Any = None, f: Any = None, y: Any = None, data: Any = None) -> Dense:
    data = frame() if data is None else data
    ones = np.ones(len(data))
    y = one_hot(data["y"]) if y is None else y
    w, f = (ones if each is None else np.asarray(each, float) for each in (w, f))
    return Dense(res, design(data), y, w, f)


def summed(phi: FloatArray, codes: Any) -> FloatArray:
    return one_hot(codes).T @ phi


def outer(phi: FloatArray, codes: Any = None) -> FloatArray:
    phi = phi if codes is None else summed(phi, codes)
    return phi.T @ phi


def fitted(**options: Any) -> Any:
    return mn.mnlogit(FORMULA, frame(), **options).fit()


def by_group(d: Dense) -> FloatArray:
    return d.influence(lambda B: d.probabilities(B, d.X), one_hot(frame()["group"]).T)


def cov_by_group(res: Any) -> FloatArray:
    return np.asarray(res.average_predictions(by="group", variance="unconditional").cov)


def assert_same(found: Any, expected: FloatArray) -> None:
    expected = np.asarray(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10 * np.abs(expected).max())


def survey(phi: FloatArray, *, fpc: bool) -> FloatArray:
    data, total = frame(), np.zeros((phi.shape[1], phi.shape[1]))
    for _, rows in data.groupby("stratum"):
        sums = summed(phi[rows.index], rows["school"])
        n = len(sums)
        about = sums - sums.mean(axis=0)
        share = n / rows["N"].iloc[0] if fpc else 0.0
        total += (1.0 - share) * n / (n - 1) * about.T @ about
    return total


P = 8
G, YEARS = 30, 12
KINDS: dict[str, tuple[dict[str, Any] | None, Callable[[FloatArray], FloatArray]]] = {
    "observed": (None, lambda phi: N / (N - 1) * outer(phi)),
    "robust": (ROBUST, lambda phi: N / (N - 1) * outer(phi)),
    "uncorrected": (ROBUST | {"correction": "none"}, outer),
    "HC0": ({"kind": "HC0"}, outer),
    "HC1": ({"kind": "HC1"}, lambda phi: N / (N - P) * outer(phi)),
    "cluster": (
        {"kind": "cluster", "groups": "school"},
        lambda phi: G / (G - 1) * outer(phi, frame()["school"]),
    ),
    "cluster-statsmodels": (
        {"kind": "cluster", "groups": "school", "correction": "statsmodels"},
        lambda phi: G / (G - 1) * (N - 1) / (N - P) * outer(phi, frame()["school"]),
    ),
    "survey": (
        {"kind": "survey", "strata": "stratum", "psu": "school"},
        lambda phi: survey(phi, fpc=False),
    ),
    "survey-fpc": (
        {"kind": "survey", "strata": "stratum", "psu": "school", "fpc": "N"},
        lambda phi: survey(phi, fpc=True),
    ),
    "survey-vadjust": (
        {"kind": "survey", "strata": "stratum", "psu": "school", "vadjust": True},
        lambda phi: (N - 1) / (N - P) * survey(phi, fpc=False),
    ),
}


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_covariance(kind: str, weights: str | None) -> None:
    options, combined = KINDS[kind]
    if weights is not None and options is None:
        options = ROBUST
    res = fitted(**{} if weights is None else {"sampling_weights": weights})
    own = res if options is None else res.with_cov(**options)
    w = None if weights is None else frame()[weights]
    assert_same(cov_by_group(own), combined(by_group(dense(res, w))))


def test_sampling_weights_have_it_by_themselves() -> None:
    res = fitted(sampling_weights="w")
    assert_same(cov_by_group(res), N / (N - 1) * outer(by_group(dense(res, frame()["w"]))))


def test_subpopulations_keep_their_psus() -> None:
    data = frame()
    res = mn.mnlogit("y ~ x", data, subset="z > 1.8").fit()
    own = res.with_cov("survey", strata="stratum", psu="school", subpop=True)
    inside = (data["z"] > 1.8).to_numpy()
    part = data[inside]
    ones = np.ones(len(part))
    d = Dense(res, design(part)[:, :2], one_hot(part["y"]), ones, ones)
    phi = np.zeros((N, J))
    phi[inside] = d.influence(lambda B: d.probabilities(B, d.X), ones[None])
    found = own.average_predictions(variance="unconditional")
    assert_same(found.cov, survey(phi, fpc=False))


@pytest.mark.parametrize("unit", ["row", "trial"])
def test_counts_with_sampling_weights(unit: str) -> None:
    data = frame()
    res = mn.mnlogit("cbind(ka, kb, kc) ~ x * z", data, sampling_weights="w").fit()
    y, times = data[["ka", "kb", "kc"]].to_numpy(dtype=float), np.ones(N)
    if unit == "trial":
        row, outcome = np.nonzero(y)
        times, data, y = y[row, outcome], data.iloc[row].reset_index(drop=True), np.eye(J)[outcome]
    d = dense(res, w=data["w"], f=times, y=y, data=data)
    phi = d.influence(lambda B: d.probabilities(B, d.X), one_hot(data["group"]).T)
    own = res.with_cov("robust", unit=unit, correction="none")
    assert_same(cov_by_group(own), (phi * times[:, None]).T @ phi)


def test_shares_are_rows() -> None:
    data, names = frame().copy(), ["ka", "kb", "kc"]
    data[names] = data[names].div(data[names].sum(axis=1), axis=0)
    res = mn.mnlogit("cbind(ka, kb, kc) ~ x * z", data).fit()
    d = dense(res, y=data[names].to_numpy(), data=data)
    assert_same(cov_by_group(res), N / (N - 1) * outer(by_group(d)))


def test_several_ways_of_clustering() -> None:
    res = fitted().with_cov("cluster", groups=["school", "year"])
    phi, data = by_group(dense(res)), frame()
    both = data["school"] * 1000 + data["year"]
    pairs = both.nunique()
    expected = (
        G / (G - 1) * outer(phi, data["school"])
        + YEARS / (YEARS - 1) * outer(phi, data["year"])
        - pairs / (pairs - 1) * outer(phi, both)
    )
    assert np.linalg.eigvalsh(expected).min() > -1e-14, "nothing to be cut"
    assert_same(cov_by_group(res), expected)


def test_negative_eigenvalues_are_cut_and_said() -> None:
    data = frame()
    # clusters that hold each outcome: their sums nearly cancel, and vary less than rows do
    place = np.argsort(np.argsort(data["y"], kind="stable"))
    res = fitted().with_cov("cluster", groups=[place % 120, place % 80])
    found = res.average_predictions(variance="unconditional")
    assert np.linalg.eigvalsh(found.cov).min() > -1e-16
    assert any("cut to zero" in note for note in found.notes)
    assert "cut to zero" in " ".join(str(found).split())


def test_frequency_weights_are_rows_that_repeat() -> None:
    data = frame()
    res = fitted(freq_weights="f")
    phi = by_group(dense(res, f=data["f"]))
    n = data["f"].sum()
    expected = n / (n - 1) * (phi * data["f"].to_numpy()[:, None]).T @ phi
    assert_same(cov_by_group(res), expected)
    written_out = data.loc[data.index.repeat(data["f"])].reset_index(drop=True)
    again = mn.mnlogit(FORMULA, written_out).fit()
    assert_same(cov_by_group(res), cov_by_group(again))


def test_a_row_of_counts_is_one_unit_or_many() -> None:
    data = frame()
    res = mn.mnlogit("cbind(ka, kb, kc) ~ x * z", data).fit()
    y = data[["ka", "kb", "kc"]].to_numpy(dtype=float)
    phi = by_group(dense(res, y=y))
    for own in (res, res.with_cov("robust")):
        assert_same(cov_by_group(own), N / (N - 1) * outer(phi))
    row, outcome = np.nonzero(y)
    times = y[row, outcome].astype(int)
    trials = data.iloc[np.repeat(row, times)].reset_index(drop=True)
    trials["y"] = np.array(list("abc"))[np.repeat(outcome, times)]
    singles = mn.mnlogit(FORMULA, trials).fit()
    assert_same(cov_by_group(res.with_cov("robust", unit="trial")), cov_by_group(singles))
    clustered = singles.with_cov("cluster", groups=np.repeat(row, times))
    assert_same(cov_by_group(res), cov_by_group(clustered))


def slope(d: Dense, kind: str = "dydx") -> Callable[[Any], Any]:
    x, z = d.X[:, 1], d.X[:, 2]
    dX = np.c_[np.zeros(N), np.ones(N), np.zeros(N), z]

    def g(B: Any) -> Any:
        pi = d.probabilities(B, d.X)
        h = np.c_[np.zeros(N), dX @ B.T]
        found = h - (pi * h).sum(axis=1, keepdims=True)
        found = found if kind.startswith("ey") else found * pi
        return found * x[:, None] if kind.endswith("ex") else found

    return g


@pytest.mark.parametrize("kind", ["dydx", "eyex", "dyex", "eydx"])
def test_slopes(kind: str) -> None:
    res = fitted()
    d = dense(res)
    phi = d.influence(slope(d, kind), np.ones((1, N)))
    found = res.margins("x", kind=kind, variance="unconditional")
    assert_same(found.cov, N / (N - 1) * outer(phi))


def test_slopes_of_what_enters_as_it_is() -> None:
    data = frame()
    res = mn.mnlogit("y ~ x + z", data).fit()
    d = Dense(res, design(data)[:, :3], one_hot(data["y"]), np.ones(N), np.ones(N))

    def g(B: Any) -> Any:
        pi, h = d.probabilities(B, d.X), np.r_[0.0, B[:, 1]]
        return pi * (h - (pi @ h)[:, None])

    phi = d.influence(g, one_hot(data["group"]).T)
    found = res.margins("x", by="group", variance="unconditional")
    assert_same(found.cov, N / (N - 1) * outer(phi))


@pytest.mark.parametrize("comparison", ["difference", "ratio", "odds ratio"])
def test_comparisons_and_outcomes_together(comparison: str) -> None:
    res, into = fitted(), one_hot(frame()["group"]).T
    d, unions = dense(res), np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    last, first = design(frame(), 1.0), d.X

    def g(B: Any) -> Any:
        return np.c_[d.probabilities(B, last) @ unions, d.probabilities(B, first) @ unions]

    phi = d.influence(g, into)
    means = (into @ g(d.B) / into.sum(axis=1, keepdims=True)).reshape(2, 2, 2)
    slopes = {
        "difference": np.ones_like(means),
        "ratio": 1.0 / means,
        "odds ratio": 1.0 / means / (1.0 - means),
    }[comparison]
    each = phi.reshape(N, 2, 2, 2) * slopes
    expected = (each[:, :, 0] - each[:, :, 1]).reshape(N, -1)
    found = res.comparisons(
        {"x": 1},
        comparison=comparison,
        by="group",
        combine={"a or c": ["a", "c"], "a or b": ["a", "b"]},
        variance="unconditional",
    )
    assert_same(found.cov, N / (N - 1) * outer(expected))


def test_scenarios_and_their_contrasts() -> None:
    res = fitted()
    found = res.average_predictions(at={"x": [-1.0, 1.0]}, variance="unconditional")
    d = dense(res)

    def g(B: Any) -> Any:
        sets = [design(frame().assign(x=value)) for value in (-1.0, 1.0)]
        return np.concatenate([d.probabilities(B, X) for X in sets], axis=1)

    V = N / (N - 1) * outer(d.influence(g, np.ones((1, N))))
    assert_same(found.cov, V)
    C = np.c_[-np.eye(3), np.eye(3)]
    assert_same(found.contrasts("x").cov, C @ V @ C.T)


def test_constraints_leave_fewer_directions() -> None:
    data = frame()
    res = mn.mnlogit("y ~ x + z", data, constraints="b:x = c:x").fit()
    found = res.average_predictions(variance="unconditional")
    d = Dense(res, design(data)[:, :3], one_hot(data["y"]), np.ones(N), np.ones(N))
    free = np.linalg.svd(np.array([[0.0, 1.0, 0.0, 0.0, -1.0, 0.0]]))[2][1:].T
    information = np.linalg.inv(d.bread)
    d.bread = free @ np.linalg.inv(free.T @ information @ free) @ free.T
    phi = d.influence(lambda B: d.probabilities(B, d.X), np.ones((1, N)))
    assert_same(found.cov, N / (N - 1) * outer(phi))


# --- what it must equal ----------------------------------------------------------------------


@pytest.mark.parametrize("formula", ["y ~ 1", "y ~ group", FORMULA])
def test_average_probabilities_are_shares(formula: str) -> None:
    """With a constant the mean probability is the share, and so is its variance.

    Scores sum to zero whatever rows are drawn, so that the average of ``pi_j`` is the share of j in
    every sample: ``phi_i = (y_ij - p_j) / n``, and ``c sum phi^2 = p_j (1 - p_j) / (n - 1)``.
    """
    res = mn.mnlogit(formula, frame()).fit()
    found = res.average_predictions(variance="unconditional")
    p = frame()["y"].value_counts(normalize=True).sort_index().to_numpy()
    assert_same(found.cov, (np.diag(p) - np.outer(p, p)) / (N - 1))


def test_shares_of_groups_of_a_saturated_model() -> None:
    """Groups whose dummies are in the model: ratio means of the indicators."""
    data = frame()
    res = mn.mnlogit("y ~ group", data).fit()
    found = res.average_predictions(by="group", variance="unconditional")
    into = one_hot(data["group"])
    y, sizes = one_hot(data["y"]), into.sum(axis=0)
    shares = into.T @ y / sizes[:, None]
    phi = into[:, :, None] * (y[:, None, :] - shares) / sizes[:, None]
    assert_same(found.cov, N / (N - 1) * outer(phi.reshape(N, -1)))


def test_clusters_of_one_row_are_rows() -> None:
    robust, own = fitted().with_cov("robust"), fitted().with_cov("cluster", groups=np.arange(N))
    psus = fitted().with_cov("survey")
    for result in (own, psus):
        assert_same(
            result.margins(variance="unconditional").cov,
            robust.margins(variance="unconditional").cov,
        )


def test_blocks_of_rows_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    from mnlstat.inference.effects.places import Places
    from mnlstat.likelihood import units

    res, counts = fitted(), mn.mnlogit("cbind(ka, kb, kc) ~ x * z", frame()).fit()
    counts = counts.with_cov("robust", unit="trial")
    whole = [cov_by_group(each) for each in (res, counts)]
    monkeypatch.setattr(units, "ELEMENTS", 100)
    init = Places.__init__
    monkeypatch.setattr(
        Places, "__init__", lambda self, *args, **named: init(self, *args, **named | {"size": 37})
    )
    assert_same(cov_by_group(res), whole[0])
    assert_same(cov_by_group(counts), whole[1])


def test_base_does_not_matter() -> None:
    res = fitted().with_cov("cluster", groups="school")
    assert_same(
        res.rebase("c").margins(variance="unconditional").cov,
        res.margins(variance="unconditional").cov,
    )


def test_units_of_columns_do_not_matter() -> None:
    data = frame()
    tiny = data.assign(x=data["x"] * 1e9, u=data["z"])
    one = mn.mnlogit("y ~ x + z", data).fit().margins(variance="unconditional")
    other = mn.mnlogit("y ~ x + z", tiny).fit().margins(variance="unconditional")
    ratio = other.frame["std_error"] / one.frame["std_error"]
    np.testing.assert_allclose(ratio, [1e-9] * 3 + [1.0] * 3, rtol=1e-9)


def test_delete_one_refits_agree_to_the_order_of_one_over_n() -> None:
    """The jackknife refits without each row, averages over those left, and knows no formula."""
    n = 100
    data = frame().iloc[:n]
    res = mn.mnlogit("y ~ x + z", data).fit()
    found = res.margins("x", variance="unconditional")
    effects = [
        mn.mnlogit("y ~ x + z", data.drop(index=at)).fit().margins("x").estimates for at in range(n)
    ]
    about = np.array(effects) - np.mean(effects, axis=0)
    jackknife = np.sqrt((n - 1) / n * np.square(about).sum(axis=0))
    np.testing.assert_allclose(found.frame["std_error"], jackknife, rtol=6.0 / n)


@pytest.mark.slow
def test_coverage() -> None:
    """Intervals hold the mean over the population, where conditional ones are too short."""
    rng = np.random.default_rng(11)
    B = np.array([[0.0, 0.0], [0.3, 2.5]])

    def drawn(n: int) -> pd.DataFrame:
        x = rng.normal(size=n)
        eta = np.c_[np.ones(n), x] @ B.T + rng.gumbel(size=(n, 2))
        return pd.DataFrame({"x": x, "y": eta.argmax(axis=1)})

    grid, weights = np.polynomial.hermite_e.hermegauss(80)
    truth = weights @ (1.0 / (1.0 + np.exp(-0.3 - 2.5 * grid))) / weights.sum()
    held = {"conditional": 0, "unconditional": 0}
    R = 600
    for _ in range(R):
        res = mn.mnlogit("y ~ x", drawn(300)).fit()
        for variance in held:
            row = res.average_predictions(variance=variance, scale="probability").frame.iloc[1]
            held[variance] += row["conf_low"] <= truth <= row["conf_high"]
    # three standard errors of a share of 0.95
    assert abs(held["unconditional"] / R - 0.95) < 3 * np.sqrt(0.95 * 0.05 / R)
    assert held["conditional"] / R < 0.85


# --- what is said, and what is refused -------------------------------------------------------


def test_it_is_said() -> None:
    found = fitted().margins("x", variance="unconditional")
    facts = dict(found.facts)
    assert facts["Covariance"] == "robust sandwich, times n/(n-1)"
    assert facts["Variance"].startswith("unconditional")
    assert "in place of the information" in facts["Variance"]
    assert "Variance" in str(found) and "unconditional" in found._repr_html_()
    robust = fitted().with_cov("robust").margins("x", variance="unconditional")
    assert "in place" not in dict(robust.facts)["Variance"]
    assert "Variance" not in dict(fitted().margins("x").facts)


def test_degrees_of_freedom_carry_over() -> None:
    res = fitted().with_cov("survey", strata="stratum", psu="school")
    found = res.margins("x", variance="unconditional")
    assert (found.estimands.covariance.df == G - 4).all()
    assert "t" in str(found).split()
    given = fitted().with_cov("observed", use_t=True).margins("x", variance="unconditional")
    assert (given.estimands.covariance.df == N - P).all()
    cluster = fitted().with_cov("cluster", groups="school", use_t=True, df=5)
    assert (cluster.margins("x", variance="unconditional").estimands.covariance.df == 5).all()


def test_estimates_are_the_same() -> None:
    conditional, unconditional = (
        fitted().margins(variance=each) for each in ("conditional", "unconditional")
    )
    assert conditional.frame.equals(fitted().margins().frame)
    np.testing.assert_array_equal(unconditional.estimates, conditional.estimates)


REFUSED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "data": ("no-sampling", lambda res: res.margins(data=frame(), variance="unconditional")),
    "rows": ("no-sampling", lambda res: res.margins(at="rows", variance="unconditional")),
    "mean": ("no-sampling", lambda res: res.margins(at="mean", variance="unconditional")),
    "typical": ("no-sampling", lambda res: res.comparisons(at="typical", variance="unconditional")),
    "others": (
        "no-sampling",
        lambda res: res.average_predictions(
            at={"x": 1.0}, others="median", variance="unconditional"
        ),
    ),
    "grid": ("no-sampling", lambda res: res.marginal_means("group", variance="unconditional")),
    "word": ("invalid-choice", lambda res: res.margins(variance="robust")),
    **{
        kind: (
            "unconditional-covariance",
            lambda res, kind=kind: res.with_cov(kind).margins(variance="unconditional"),
        )
        for kind in ("opg", "HC2", "HC3", "HAC", "jackknife")
    },
    **{
        kind: (
            "unconditional-covariance",
            lambda res, kind=kind: res.with_cov(kind, groups="school").margins(
                variance="unconditional"
            ),
        )
        for kind in ("CR2", "CR3")
    },
    "bootstrap": (
        "unconditional-covariance",
        lambda res: res.with_cov(res.bootstrap(20, seed=1)).margins(variance="unconditional"),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str) -> None:
    code, call = REFUSED[what]
    res = mn.mnlogit("y ~ x + group", frame()).fit()
    with pytest.raises(OptionError, match="variance") as error:
        call(res)
    assert error.value.code == code


def test_replicates_are_refused() -> None:
    data = frame()
    weights = np.random.default_rng(3).uniform(0.5, 1.5, (N, 12)) * data[["w"]].to_numpy()
    res = fitted(sampling_weights="w").with_cov("survey", replicates=weights, method="bootstrap")
    with pytest.raises(OptionError, match="replicates"):
        res.margins(variance="unconditional")


def test_penalised_separated_unfinished_and_without_data(tmp_path: Any) -> None:
    data = frame()
    with pytest.raises(OptionError, match="penalised"):
        mn.mnlogit(FORMULA, data).fit(penalty="jeffreys").margins(variance="unconditional")
    separated = data.assign(u=(data["y"] == "a") * 1.0)
    with pytest.warns(mn.errors.SeparationWarning):
        res = mn.mnlogit("y ~ u", separated).fit()
    with pytest.raises(SeparationError):
        res.margins(variance="unconditional")
    with pytest.warns(mn.errors.ConvergenceWarning):
        res = mn.mnlogit(FORMULA, data).fit(maxiter=1)
    with pytest.raises(ConvergenceError):
        res.margins(variance="unconditional")
    path = fitted().save(tmp_path / "res.fit")
    with pytest.raises(DataError):
        mn.load(path).margins(variance="unconditional")


def test_loaded_with_its_design(tmp_path: Any) -> None:
    res = fitted()
    loaded = mn.load(res.save(tmp_path / "res.fit", include_data=True))
    found = loaded.average_predictions(variance="unconditional")
    assert_same(found.cov, res.average_predictions(variance="unconditional").cov)
    kept = res.with_cov("HC1").save(tmp_path / "hc1.fit", include_data=True)
    with pytest.raises(OptionError, match="not saved"):
        mn.load(kept).average_predictions(variance="unconditional")


def test_values_that_are_not_estimated_stay_nan() -> None:
    data = frame().assign(u=frame()["x"] * 2.0)
    with pytest.warns(mn.errors.AliasedWarning):
        res = mn.mnlogit("y ~ x + u + z", data).fit()
    with pytest.warns(mn.errors.AliasedWarning, match="not estimated"):
        found = res.margins(["u", "z"], variance="unconditional").frame
    alone = mn.mnlogit("y ~ x + z", data).fit().margins("z", variance="unconditional").frame
    assert found["std_error"][:3].isna().all()
    np.testing.assert_allclose(found["std_error"][3:], alone["std_error"], rtol=1e-9)


def test_what_constraints_fix_has_no_error() -> None:
    res = mn.mnlogit("y ~ x + z", frame(), constraints=["b:x = 0", "c:x = 0"]).fit()
    found = res.margins(variance="unconditional").frame
    assert (found["std_error"][:3] == 0).all() and (found["std_error"][3:] > 0).all()
    assert (res.margins("x", variance="unconditional").frame["std_error"] == 0).all()


def test_rows_that_are_fitted_exactly_say_nothing() -> None:
    data = pd.DataFrame({"a": [3, 4, 6], "b": [5, 2, 1], "g": ["u", "v", "w"]})
    res = mn.mnlogit("cbind(a, b) ~ g", data).fit()
    with pytest.raises(mn.errors.RankError, match="fitted exactly"):
        res.margins("g", variance="unconditional")
