"""The examples that Keras 2.3.1 ships, run to their end on small data by Keras 2.3.1 and by k2compat, and compared.

Nothing of the examples is kept here: ``python -m examples_suite FOLDER`` takes them from an unpacked source
(``pip download --no-binary :all: Keras==2.3.1``). ``side.py`` and what it imports also run under Python 3.7.
"""
