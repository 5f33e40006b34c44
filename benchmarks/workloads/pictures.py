"""A loop that sets Grad-CAM on ResNet50 up anew for each of 50 pictures, each with another class

How scripts of those days went through a folder: `K.gradients(model.output[:, argmax], ...)` and `K.function` in the
body of the loop. The seconds are those of one picture, without reading and predicting it.
"""

from __future__ import annotations

from benchmarks.workloads import heatmaps, timed

RESNET50 = heatmaps.WORKLOADS["resnet50"]
POINTS = tuple(range(1, 51))
QUICK_POINTS = tuple(range(1, 7))
# Each picture takes graph mode longer than the one before; one contender of it goes to the end.
UNTIL = {"compat.v1 again": 10, "real Keras 2": 10}
AXIS, UNIT = "pictures", "s"
SUMMARIES = ("total",)

make, build = RESNET50.make, RESNET50.build


def looped(script):
    """The point of a picture: a script set up for its class, and called once."""

    def points(kit):
        # What does not depend on the class is set up once, where the script knows how; that is part of the first
        # picture.
        expressions = []

        def picture(at):
            if not expressions:
                expressions.append(script(kit))
            index = int(kit.arrays["indices"][at % len(kit.arrays["indices"])])
            return expressions[0](index)(kit.arrays["inputs"][at % len(kit.arrays["inputs"])])

        return lambda at: timed(lambda: picture(at))

    return points


SCRIPTS = {name: looped(getattr(heatmaps, name)) for name in ("graph", "eager", "compiled")}
