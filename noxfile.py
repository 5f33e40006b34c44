"""Development sessions, each in its own environment: `nox -s tests`, `nox -s lint types`, `nox -s bench -- --quick`."""

import glob
import shutil

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests"]

# TensorFlow -> the Pythons it runs on, and which Keras a run is about; `tf_keras` is Keras 2 beside Keras 3.
MATRIX = [
    ("2.13", ["3.10", "3.11"], "keras"),
    ("2.15", ["3.10", "3.11"], "keras"),
    ("2.16", ["3.10", "3.12"], "keras"),
    ("2.18", ["3.11", "3.12"], "keras"),
    ("2.21", ["3.11", "3.13"], "keras"),
    ("2.21", ["3.11", "3.13"], "tf_keras"),
]
LEGS = [(python, tensorflow, keras) for tensorflow, pythons, keras in MATRIX for python in pythons]
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite, with the arguments after `--`."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def reference(session: nox.Session) -> None:
    """What the quick run leaves out: K against the real Keras 2, graph mode and finite differences, and slow tests."""
    session.install(".[test,keras2]")
    session.run("pytest", "-m", "slow or reference", *session.posargs)


@nox.session
def nightly(session: nox.Session) -> None:
    """Cases drawn at random, see docs/reliability.md: after `--` the seconds for each, and a legacy Python."""
    session.install(".[test,keras2]")
    seconds, *legacy_pythons = session.posargs or ["3600"]
    for kind in ("kills", "fuzz_migrate", "soak"):
        session.run("python", "-m", f"nightly.{kind}", "--seconds", seconds, env={"PYTHONPATH": "tests"})
    session.run("python", "-m", "nightly.sizes", env={"PYTHONPATH": "tests"})
    for legacy in ("0", "1"):
        environment = {"TF_USE_LEGACY_KERAS": legacy, "PARITY_DRAWS": str(max(1, int(seconds) * 3))}
        session.run("pytest", "-m", "slow or reference", "tests/reference/test_draws.py", "-k", "many", env=environment)
        session.run("pytest", "-m", "slow or reference", "tests/reference/test_nets.py", env=environment)
        for python in legacy_pythons:
            options = ("--legacy-python", python, "--draws", environment["PARITY_DRAWS"], "--seconds", seconds)
            session.run("python", "-m", "nightly.training", *options, env={**environment, "PYTHONPATH": "tests"})


@nox.session
def keras_suite(session: nox.Session) -> None:
    """Keras's own tests with and without k2compat, with the arguments after `--`: folders of keras/src, or options."""
    session.install(".[test,keras2]")
    session.run("python", "-m", "keras_suite", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def libraries(session: nox.Session) -> None:
    """The page of libraries written for graph-mode Keras, with the arguments after `--`: see tests/libraries."""
    session.install(".[test,keras2]", "tabulate", "jinja2<3.1", "pynose", "scikit-image", "matplotlib", "future")
    session.install("markdown", "scikit-learn", "tqdm", "six", "attrs", "graphviz", "regex", "sentencepiece")
    session.run("python", "-m", "libraries", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def examples_suite(session: nox.Session) -> None:
    """The examples of Keras 2.3.1, compared with it: after `--` their folder and `--legacy-python PATH`."""
    session.install(".[test,keras2]", "six", "pandas")
    session.run("python", "-m", "examples_suite", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def lint(session: nox.Session) -> None:
    """ruff's rules and format."""
    session.install("ruff>=0.9")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """mypy on the package."""
    session.install(".[dev]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site in site/: generated pages are current, every link and anchor leads somewhere."""
    session.install(".[docs]")
    session.run("python", "docs/generate.py", "--check")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "site", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """The source distribution and the wheel in dist/, checked as for PyPI."""
    session.install("build", "twine", "check-wheel-contents")
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build")
    session.run("twine", "check", "--strict", *glob.glob("dist/*"))
    session.run("check-wheel-contents", *glob.glob("dist/*.whl"))


@nox.session(python=PYTHONS)
def wheel(session: nox.Session) -> None:
    """The demo, from the wheel in dist/ alone, under every supported Python that is installed."""
    session.install(*glob.glob("dist/*.whl"))
    with session.chdir(session.create_tmp()):
        session.run("python", "-m", "k2compat", "info")
        session.run("python", "-m", "k2compat", "demo")


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks, with the arguments after `--`."""
    session.install(".[bench]")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python=PYTHONS)
def pythons(session: nox.Session) -> None:
    """The test suite under every supported Python that is installed."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
@nox.parametrize("python,tensorflow,keras", LEGS, ids=["-".join(leg) for leg in LEGS])
def matrix(session: nox.Session, tensorflow: str, keras: str) -> None:
    """The test suite with a version of TensorFlow and one of its Keras versions, on a Python."""
    session.install(".[test]", f"tensorflow=={tensorflow}.*", *([f"tf_keras=={tensorflow}.*"] * (keras == "tf_keras")))
    environment = {"TF_USE_LEGACY_KERAS": "1"} if keras == "tf_keras" else {}
    session.run("pytest", *session.posargs, env=environment)
