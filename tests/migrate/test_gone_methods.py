"""Rule keras3.gone-methods."""

from migrate.cases import check_noop, check_transformed

RULE = "keras3.gone-methods"


def test_layers_tell_their_shapes_by_their_tensors():
    check_transformed(
        "import keras\nmodel.layers[-1].output_shape[1:]\nmodel.get_layer('a').input_shape\nself.output_shape\n",
        "import keras\nmodel.layers[-1].output.shape[1:]\nmodel.get_layer('a').input.shape\nself.output_shape\n",
        RULE,
    )


def test_what_is_gone_is_named():
    source = """\
        from keras.models import Sequential
        model = Sequential()
        vae.add_loss(loss)
        model.add_metric(loss, name="a")
        class A:
            def call(self, x):
                self.add_loss(x)
                self.add_metric(x)
        print(model.metrics_names[1])
        model.reset_states()
        iterator.reset_states()
        model.to_yaml()
    """
    left = [
        (3, "`vae.add_loss`"),
        (4, "`model.add_metric`"),
        (8, "`self.add_metric`"),
        (9, "metrics_names"),
        (10, "reset_states"),
        (12, "to_yaml"),
    ]
    check_noop(source, RULE, left=left)


def test_files_without_keras_are_not_asked():
    check_noop("a.add_loss(x)\n", RULE)
