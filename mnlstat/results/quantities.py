"""What effects are measured in, in words."""

from __future__ import annotations

from collections.abc import Sequence

from mnlstat.inference.effects.asks import BY_LOGS, DYDX, OF_LOGS
from mnlstat.inference.effects.functions import DIFFERENCE, ODDS_RATIO, RATIO
from mnlstat.inference.effects.variables import Effect

COMPARED = {
    DIFFERENCE: "difference in probability",
    RATIO: "ratio of probabilities",
    ODDS_RATIO: "odds ratio",
}


def quantity_of(effects: Sequence[Effect]) -> str:
    """What is estimated of some variables, with its unit."""
    slopes = [effect for effect in effects if not effect.compared]
    if not slopes:
        return COMPARED[effects[0].by]
    names = list(dict.fromkeys(effect.variable for effect in slopes))
    name = names[0] if len(names) == 1 else "each number"
    kind = slopes[0].kind
    if kind == DYDX:
        between = ", between levels of factors" if len(slopes) < len(effects) else ""
        return f"change in probability per unit of {name}{between}"
    if kind in OF_LOGS and kind in BY_LOGS:
        return f"elasticity of the probability in {name}"
    if kind in OF_LOGS:
        return f"relative change in probability per unit of {name}"
    return f"change in probability per unit of log({name})"
