"""Where the tests find things: the repository, the installed package, the data and models recorded for them."""

from pathlib import Path

import k2compat

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
# The package that is tested: the installed one, or that of the checkout.
PACKAGE = Path(k2compat.__file__).parent
DATA = TESTS / "data"
MODELS = TESTS / "goldens" / "models"
