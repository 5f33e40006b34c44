"""Development sessions, each in its own environment: `nox -s tests`, `nox -s lint types`, `nox -s bench -- --quick`."""

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
def long(session: nox.Session) -> None:
    """What takes too long for continuous integration: the parity suite, and the code of f.to_source() for all of it."""
    session.install(".[test,keras2]")
    session.run("pytest", "-m", "parity or long", *session.posargs)


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
    """The test suite with a version of TensorFlow and one of its Kerases, on a Python."""
    session.install(".[test]", f"tensorflow=={tensorflow}.*", *([f"tf_keras=={tensorflow}.*"] * (keras == "tf_keras")))
    environment = {"TF_USE_LEGACY_KERAS": "1"} if keras == "tf_keras" else {}
    session.run("pytest", *session.posargs, env=environment)
