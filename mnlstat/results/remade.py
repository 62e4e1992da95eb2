"""The covariance of a result, made anew for another model of its rows."""

from __future__ import annotations

from mnlstat.errors import OptionError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.likelihood_tests import CovarianceAt
from mnlstat.inference.sandwich import ROBUST, pseudo_covariance
from mnlstat.results.bootstrapped import NAME
from mnlstat.results.covaried import Covaried
from mnlstat.results.jackknifed import REFITS
from mnlstat.results.making import maker

# How covariances of refits are called, also in a file: by how they begin, and by what is in it.
OF_REFITS, OF_REPLICATES = (NAME, REFITS), "replicate weights,"


class Remade(Covaried):
    """Results whose covariance can be had at other parameters, as score tests need it."""

    def _covariance_at(self, caller: str) -> CovarianceAt:
        """The covariance of this result as it is at other parameters, or of fewer columns."""
        sample = self._rows(caller)
        options, pseudo, kind = sample.covariance, self.pseudo, self.cov_type
        if options is not None:
            made = maker(self, options, sample, caller)
            if not made.replicated:
                return lambda likelihood, params, root: made(
                    self._estimated(sample, likelihood, params, root)
                )
        refitted = kind.startswith(OF_REFITS) or OF_REPLICATES in kind
        if refitted or options is not None:
            raise OptionError(
                "score-of-bootstrap",
                f"{caller}: it takes the covariance of another model, as at the estimate under the"
                " hypothesis of a score test; replicates tell of this one alone.\n"
                "Ask for kind='wald', or with_cov('robust').",
            )
        if not self._has_own_covariance:
            raise OptionError(
                "covariance-not-kept",
                f"{caller}: a score test makes the covariance ({kind}) anew, and how it was asked"
                " for is not saved with the data.\nAsk for it again: with_cov().",
            )
        if not pseudo:
            return lambda likelihood, params, root: Covariance(root, Covariance.OBSERVED)
        n, sampling = self.dropped.used, sample.sampling
        return lambda likelihood, params, root: pseudo_covariance(
            root, likelihood, params, n, sampling=sampling
        )

    @property
    def _has_own_covariance(self) -> bool:
        """Whether the covariance is that which a fit has by itself."""
        own = ROBUST if self.pseudo else Covariance.OBSERVED
        return self.cov_type.startswith(own) and self.estimates.covariance.degrees is None
