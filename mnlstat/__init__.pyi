from mnlstat import datasets as datasets
from mnlstat import errors as errors
from mnlstat.likelihood.multinomial import MultinomialLikelihood as MultinomialLikelihood
from mnlstat.likelihood.ridge import Ridge as Ridge
from mnlstat.model import MNLogit as MNLogit
from mnlstat.model import mnlogit as mnlogit
from mnlstat.results import MNLogitResults as MNLogitResults
from mnlstat.results.loading import load as load
from mnlstat.workflow.classifier import MNLClassifier as MNLClassifier
from mnlstat.workflow.compare import compare as compare
from mnlstat.workflow.models import anova as anova
from mnlstat.workflow.models import information_criteria as information_criteria
from mnlstat.workflow.models import vuong as vuong
from mnlstat.workflow.pool import pool as pool
from mnlstat.workflow.selection import add1 as add1
from mnlstat.workflow.selection import drop1 as drop1
from mnlstat.workflow.stepwise import step as step
from mnlstat.workflow.suest import suest as suest
from mnlstat.workflow.table import table as table
from mnlstat.workflow.validation import cross_validate as cross_validate

__version__: str
