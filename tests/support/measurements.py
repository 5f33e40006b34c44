"""Measurements of the benchmarks that were never taken, for tests of what is made of them."""

from benchmarks.contenders import REFERENCE, SUBJECT
from benchmarks.curves import Curve
from benchmarks.measure import MEASURES, Measured, Plan
from benchmarks.report import CurveReport, TimedReport, machine


def measured(**times_of):
    """Measurements of ``SUBJECT``, the reference and others; every measure the same."""
    found = Measured()
    for measure in MEASURES:
        for name, times in times_of.items():
            for time in times:
                found.add(measure, name, time)
    found.versions = {name: {"python": "3", "keras": "3", "tensorflow": "2"} for name in times_of}
    return found


def about(name, versions):
    return name, f"{name}: what it is", 1e-6, versions, Plan(), machine()


def timed(name, **times_of):
    found = measured(**times_of)
    return TimedReport(found, *about(name, found.versions))


def traced(name, points, unit, summaries, **values_of):
    """A report of curves; each contender's are those of two processes."""
    versions = {contender: {"python": "3", "keras": "3", "tensorflow": "2"} for contender in values_of}
    values = {contender: [list(map(float, values))] * 2 for contender, values in values_of.items()}
    return CurveReport(Curve(points, values, versions=versions), "calls", unit, summaries, *about(name, versions))


MEMORY = {SUBJECT: [500, 501, 503], REFERENCE: [600, 700, 800]}
