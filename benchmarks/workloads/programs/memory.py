"""The memory of a process that calls ``predict`` and ``train_on_batch`` again and again."""

from __future__ import annotations

from benchmarks.workloads import resident_megabytes
from benchmarks.workloads.programs import calls
from benchmarks.workloads.programs.program import Program, adam


class Memory(Program):
    """The traced workload: its points are numbers of calls of both."""

    POINTS = (100, 500, 1000, 2500, 5000)
    QUICK_POINTS = (20, 100)
    # A call of theirs is so slow that more would take an hour.
    UNTIL = {"Keras 3 alone": 500, "tf_keras alone": 500}
    AXIS, UNIT = "calls", "MB"
    SUMMARIES = ("growth",)

    def __init__(self):
        title = "Memory over 5,000 calls of `predict` and `train_on_batch`, small dense model"
        super().__init__(title, {"values": calls.network}, calls.samples(32), None)
        self.SCRIPTS = {"graph": calling, "program": calling}


def calling(kit):
    model, targets, inputs = kit.model["values"], kit.arrays["targets"], kit.arrays["inputs"]
    model.compile(loss="mse", optimizer=adam(kit))
    done = [0]

    def point(at):
        while done[0] < at:
            values = model.predict(inputs[done[0] % len(inputs)][:1], verbose=0)
            loss = model.train_on_batch(inputs[done[0] % len(inputs)], targets)
            done[0] += 1
        return resident_megabytes(), {"values": values, "loss": loss}

    return point


WORKLOADS = {"training_memory": Memory()}
