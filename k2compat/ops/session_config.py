"""The device settings of a TensorFlow 1 session, passed on to TensorFlow 2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf


def configure(config: Any) -> list[str]:
    """Pass the settings of a ``ConfigProto`` to ``tf.config``.

    Returns:
        A sentence for each setting that could not be passed on.
    """
    complaints = []
    for name, setting in settings(config):
        try:
            setting()
        except (RuntimeError, ValueError) as error:  # TensorFlow has started already, or there is no such device
            complaints.append(f"{name} comes too late or does not fit this machine: {error}")
    if config.gpu_options.per_process_gpu_memory_fraction:
        complaints.append(
            "per_process_gpu_memory_fraction has no counterpart; give a size in MB with "
            "tf.config.set_logical_device_configuration."
        )
    return complaints


def settings(config: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the settings that are not the default ones: a name and what passes it on."""
    visible = config.gpu_options.visible_device_list
    if visible:
        yield "visible_device_list", lambda: show([int(number) for number in visible.split(",")])
    if "GPU" in config.device_count:
        yield "device_count", lambda: show(list(range(config.device_count["GPU"])))
    if config.gpu_options.allow_growth:
        yield "allow_growth", grow
    if config.intra_op_parallelism_threads:
        threads = config.intra_op_parallelism_threads
        yield "intra_op_parallelism_threads", lambda: tf.config.threading.set_intra_op_parallelism_threads(threads)
    if config.inter_op_parallelism_threads:
        between = config.inter_op_parallelism_threads
        yield "inter_op_parallelism_threads", lambda: tf.config.threading.set_inter_op_parallelism_threads(between)
    if config.allow_soft_placement:
        yield "allow_soft_placement", lambda: tf.config.set_soft_device_placement(True)
    if config.log_device_placement:
        yield "log_device_placement", lambda: tf.debugging.set_log_device_placement(True)


def show(numbers: list[int]) -> None:
    """Make only the graphics cards of these numbers visible; numbers that no card has are skipped."""
    cards = tf.config.list_physical_devices("GPU")
    tf.config.set_visible_devices([cards[number] for number in numbers if number < len(cards)], "GPU")


def grow() -> None:
    """Let each visible graphics card take memory as it needs it."""
    for card in tf.config.get_visible_devices("GPU"):
        tf.config.experimental.set_memory_growth(card, True)
