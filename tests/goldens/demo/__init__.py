"""The demo's model, pictures and goldens: trained, drawn and recorded in the legacy environment.

To make them anew, where DIR is for the environment:

    tests/goldens/legacy_env.sh DIR
    DIR/bin/python tests/goldens/demo/train.py        about 20 minutes; writes the model
    DIR/bin/python tests/goldens/demo/record.py       about 2 minutes; writes pictures, boxes and goldens
    DIR/bin/python tests/goldens/demo/record.py --check
    python -m k2compat demo && cp k2compat-demo/overview.png docs/heatmap.png

- ``pictures.py``   draws the pictures; the same under Python 3.7 and today's
- ``train.py``      trains the model on digits that are in no test picture
- ``record.py``     runs the shipped script with real Keras 2
- ``legacy.py``     refuses any other environment
"""
