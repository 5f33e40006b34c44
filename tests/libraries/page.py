"""Writes the page of the libraries."""

HEAD = r"""# Libraries

Libraries that were written for graph-mode Keras, as they are in the registry, under `python -m k2compat run -m pytest`
in TensorFlow 2. For each:

- **its own tests**: how many pass of those that need no download, on the real thing (Keras 2.3.1, or 2.2.4 for a
  library that needs it, on TensorFlow 1.15; Keras 2.9 on TensorFlow 2.9 in graph mode for innvestigate 2.1.2), in
  `tf_keras` and in Keras 3. "stops" says that pytest did not come to its end.
- **main job**: what people use it for, with fixed weights and data; whether all its arrays equal those of the real
  thing.
- **hand edits**: how many places in its sources had to be changed first.

A dash stands where nothing was measured, or where a library has no tests that need no download. The real thing of
keras-rl is on TensorFlow 1.13, whose tensors have no length; on 1.15 fewer of its tests pass. Of iNNvestigate those are
counted that it marks as fast. What the real thing fails in, too, is the library's own: a version of NumPy or TensorFlow
that it does not know.

This page was printed by

```sh
nox -s libraries -- --legacy-python LEGACY --legacy-python LEGACY_224 --legacy-python LEGACY_29 --sources SOURCES \
  --results RESULTS
```

where `LEGACY` is a Python that `tests/goldens/legacy_env.sh` makes, `LEGACY_224` one with Keras 2.2.4, `LEGACY_29` one
with what `tests/libraries/requirements-tensorflow29.txt` lists, and `SOURCES` a folder with the sources of those
libraries whose distributions have no tests or no sources in the registry. It can be run library by library, and goes on
from `RESULTS`. What the real thing gives for keras-contrib, keras-rl and innvestigate 2.1.2, and the job of keras-rl,
whose judge is TensorFlow 1.13, come from the same calls of pytest and of the job, made one by one.

| library | version | Keras 2 itself | tf_keras | Keras 3 | main job, tf_keras | main job, Keras 3 | hand edits |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
NOT_MEASURED = "—"


def page(results, libraries):
    """Return the page.

    Args:
        results: folder of a library -> what the harness gave: "tests" and "job".
        libraries: of the catalogue, in the order of the page; those without results are left out.
    """
    lines = []
    for library in libraries:
        found = results.get(library.folder)
        if found is not None and any(found.values()):
            cells = [tests(found["tests"].get(place)) for place in ("Keras 2", "tf_keras", "Keras 3")]
            cells += [found["job"].get(place, NOT_MEASURED) for place in ("tf_keras", "Keras 3")]
            lines.append(f"| {library.name} | {library.version} | {' | '.join(cells)} | {len(library.edits)} |")
    return HEAD + "\n".join(lines) + "\n"


def tests(numbers):
    """Return a cell of the tests: of [passed, of how many], or of a reason why there are no numbers."""
    if isinstance(numbers, list):
        return f"{numbers[0]} of {numbers[1]}"
    return NOT_MEASURED if numbers is None else "stops"
