"""Memory over 1,000 rebuilds of a gradient and its function, on a small model

A graph keeps all that was ever put into it; what was dropped here has to go.
"""

from __future__ import annotations

from benchmarks.workloads import gradient, resident_megabytes

POINTS = (20, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000)
QUICK_POINTS = (20, 40, 80)
# Each run of a graph takes longer by what is in it: a thousand of them would take half an hour.
UNTIL = {"compat.v1": 200, "compat.v1 again": 200, "real Keras 2": 200}
AXIS, UNIT = "rebuilds", "MB"
SUMMARIES = ("growth",)

make, build = gradient.make, gradient.build


def rebuilt(script):
    """The point of a number of rebuilds: the memory of the process after so many."""

    def points(kit):
        expression = script(kit)
        done = [0]

        def point(at):
            while done[0] < at:
                found = expression(done[0] % 3)(kit.arrays["inputs"][0])
                done[0] += 1
            return resident_megabytes(), found

        return point

    return points


SCRIPTS = {"graph": rebuilt(gradient.graph), "eager": rebuilt(gradient.eager)}
