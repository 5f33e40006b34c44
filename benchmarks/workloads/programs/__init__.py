"""Whole programs: training, prediction and what is written around them, small enough that each call counts.

Everyone runs the same lines; Keras 3 and tf_keras alone are there to show what people get who drop graph mode. The
steps of training are so small that everyone's weights stay those of the others, however often a program was run.
"""

from benchmarks.workloads.programs import calls, dqn, epochs, gan, memory

WORKLOADS = {}
for _module in (calls, dqn, gan, epochs, memory):
    WORKLOADS.update(_module.WORKLOADS)
