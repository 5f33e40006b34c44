"""The page that says what is equal to Keras 2.3.1 is what its command writes."""

from paths import ROOT

from goldens.nets import coverage

PAGE = ROOT / "docs" / "keras2-coverage.md"


def test_the_page_is_current():
    written = "\n".join(coverage.lines()) + "\n"
    assert PAGE.read_text() == written, "run: python -m tests.goldens.nets.coverage"
