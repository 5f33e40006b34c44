"""The callbacks of one call of ``fit``, ``evaluate`` or ``predict``, and what each of them is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

# Packages whose own callbacks are given what these packages give them.
KERAS = ("keras", "tf_keras", "tensorflow", "k2compat")
OLD_NAMES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class Hooks:
    """The callbacks of a call, each hook with those that have it.

    A callback of a program is given the logs of Keras 2, whatever the name of its hook. The batch hooks of the
    callbacks that come with Keras are given those of that Keras.

    Args:
        base: the class ``Callback`` of a Keras, whose own hooks do nothing.
        model: the model that the callbacks are told.
        callbacks: the callbacks, in order.
        params: what Keras 2 told them of the call.
        batches: the number of batches.
    """

    def __init__(self, base: type, model: Any, callbacks: Sequence[Any], params: dict[str, Any], batches: int | None):
        self.callbacks = list(callbacks)
        self._base = base
        self._found: dict[str, list[Callable[..., Any]]] = {}
        self._batch_hooks: dict[str, list[tuple[Callable[..., Any], bool]]] = {}
        for callback in self.callbacks:
            callback.set_model(model)
        for callback in self.callbacks:
            by_steps = is_of_keras(type(callback)) and type(callback).__name__ != "History"
            callback.set_params({**params, "steps": batches} if by_steps else params)

    def give_validation_data(self, arrays: Any) -> None:
        """Tell the callbacks what the validations of a training see."""
        for callback in self.callbacks:
            callback.validation_data = arrays

    def call(self, name: str, *args: Any) -> None:
        """Call a hook of all callbacks."""
        hooks = self._found.get(name)
        if hooks is None:
            made = (self._hook(callback, name) for callback in self.callbacks)
            hooks = self._found[name] = [hook for hook in made if hook is not None]
        for hook in hooks:
            hook(*args)

    def of_batches(self, name: str) -> list[tuple[Callable[..., Any], bool]]:
        """Return a hook of batches of all callbacks that have it, and for each whether it is one of Keras itself."""
        found = self._batch_hooks.get(name)
        if found is None:
            found = self._batch_hooks[name] = []
            for callback in self.callbacks:
                hook, old = self._hook(callback, name), self._hook(callback, OLD_NAMES.get(name, ""))
                is_own = hook is not None and is_of_keras(getattr(hook, "__func__", hook))
                if hook is not None:
                    found.append((hook, is_own))
                if old is not None and (hook is None or is_own):  # that of Keras does not call a program's older one
                    found.append((old, False))
        return found

    def has_batches(self, mode: str) -> bool:
        """Return whether a callback has a hook for the batches of "train", "test" or "predict"."""
        return bool(self.of_batches(f"on_{mode}_batch_begin") or self.of_batches(f"on_{mode}_batch_end"))

    def batch(self, name: str, number: int, logs: dict[str, Any], own: Callable[[], dict[str, Any]]) -> None:
        """Call a hook of batches of all callbacks.

        Args:
            name: of the hook.
            number: of the batch.
            logs: those of Keras 2, one dict for all callbacks.
            own: makes the logs that Keras itself gives.
        """
        for hook, is_own in self.of_batches(name):
            hook(number, own() if is_own else logs)

    def end_test(self, values: dict[str, Any]) -> None:
        """Call ``on_test_end`` of all callbacks: those of Keras write the values, a program's are given none."""
        for callback in self.callbacks:
            hook = self._hook(callback, "on_test_end")
            if hook is not None:
                hook(values if is_of_keras(getattr(hook, "__func__", hook)) else None)

    def _hook(self, callback: Any, name: str) -> Any:
        """Return a method of a callback, None if it is that of the base class."""
        if not name:
            return None
        if name not in getattr(callback, "__dict__", ()):
            method = getattr(type(callback), name, None)
            if method is None or method is getattr(self._base, name, None):
                return None
        return getattr(callback, name)


def is_of_keras(thing: Any) -> bool:
    """Return whether a class or function comes with Keras."""
    return str(getattr(thing, "__module__", "")).partition(".")[0] in KERAS
