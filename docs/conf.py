"""Settings of the documentation site: ``nox -s docs`` builds it with Sphinx, every warning an error."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent

project = "k2compat"
copyright = "2026, the k2compat authors"
html_title = "k2compat"
extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["_build", "parity/*"]
html_theme = "furo"
pygments_style = "friendly"  # shows both sides of a diff
html_static_path = ["_static"]
html_css_files = ["site.css"]
# Scripts and recorded pages that the texts link to.
html_extra_path = ["parity"]
templates_path: list[str] = []

# Anchors as GitHub makes them, so that one link leads to the right place there and here.
myst_heading_anchors = 4
myst_enable_extensions = ["tasklist"]
suppress_warnings = ["misc.highlighting_failure"]
nitpicky = True

# Pages that stand at the top of the repository, where GitHub looks for them.
TOP = {
    "index": "README.md",
    "guide": "migration_guide.md",
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "security": "SECURITY.md",
}
PAGE_OF = {file: page for page, file in TOP.items()}
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
REPOSITORY = "https://github.com/k2compat/k2compat/blob/main/"


def link(found: re.Match[str], folder: Path) -> str:
    """Return a link of a page of the repository as it is in the site."""
    target = (folder / found[1]).resolve().relative_to(ROOT)
    anchor = found[2] or ""
    if str(target) in PAGE_OF:
        return f"{PAGE_OF[str(target)]}.md{anchor}"
    if target.parts[0] == "docs" and (target.suffix in {".md", ".png"} or target.parts[1:2] == ("parity",)):
        return "/".join(target.parts[1:]) + anchor
    return f"{REPOSITORY}{target}{anchor}"


def rewrite_page(app, page: str, source: list[str]) -> None:
    """Put the file at the top in place of its page here, and lead links to where the site has them."""
    del app
    folder = ROOT / "docs"
    if page in TOP:
        folder = ROOT
        menu = source[0].partition("<!-- menu -->")[2]
        source[0] = (ROOT / TOP[page]).read_text(encoding="utf-8") + menu
    source[0] = LINK.sub(lambda found: link(found, folder), source[0])


def setup(app) -> None:
    """Connect ``rewrite_page``."""
    app.connect("source-read", rewrite_page)
