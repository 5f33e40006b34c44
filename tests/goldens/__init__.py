"""Goldens: what real Keras 2 on TensorFlow 1.15 computes, and the cases that compute it.

- ``cases/``          functions that run unchanged on both sides
- ``rows.py``         the legacy behaviours the cases have to cover
- ``record.py``       writes ``arrays/`` and ``manifest.json``, in the legacy environment only
- ``models.py``       builds the models the cases load, in the legacy environment only
- ``legacy_env.sh``   makes that environment

Everything here but the tests runs under Python 3.7 as well as under today's.
"""
