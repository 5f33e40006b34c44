"""What the modules of Keras 2 had and no Keras has now: each file has the name of the module.

The names are reached by their old addresses (``keras.utils.conv_utils``, ``keras.legacy.interfaces``), which the repair
``old_modules`` brings back.
"""
