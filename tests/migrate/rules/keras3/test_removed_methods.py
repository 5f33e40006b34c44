"""Rule keras3.removed-methods."""

from migrate.cases import check_noop, check_transformed

RULE = "keras3.removed-methods"


def test_layers_tell_their_shapes_by_their_tensors():
    check_transformed(
        "import keras\nmodel.layers[-1].output_shape[1:]\nmodel.get_layer('a').input_shape\nself.output_shape\n",
        "import keras\nmodel.layers[-1].output.shape[1:]\nmodel.get_layer('a').input.shape\nself.output_shape\n",
        RULE,
    )


def test_what_is_removed_is_reported():
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
    manual = [
        (3, "`vae.add_loss`"),
        (4, "`model.add_metric`"),
        (8, "`self.add_metric`"),
        (9, "metrics_names"),
        (10, "reset_states"),
        (12, "to_yaml"),
    ]
    check_noop(source, RULE, manual=manual)


def test_files_without_keras_are_not_asked():
    check_noop("a.add_loss(x)\n", RULE)


def test_private_makers_of_functions_lose_their_underscores():
    check_transformed(
        "import keras\nactor._make_predict_function()\nself.model._make_test_function()\n",
        "import keras\nactor.make_predict_function()\nself.model.make_test_function()\n",
        RULE,
    )


def test_functions_of_lists_and_weights_of_optimizers_are_not_those_of_keras_3():
    source = "import keras\nmodel._make_train_function()\nnet._make_predict_function()\nnet.predict_function([x])\n"
    check_noop(source, RULE, manual=[(2, "`_make_train_function`"), (3, "`_make_predict_function`")])
    check_noop("import k2compat.auto\n" + source, RULE)


def test_what_a_class_has_by_the_same_name_is_its_own():
    source = """\
        from keras.callbacks import Callback
        class Log(Callback):
            def start(self):
                self.metrics_names = ["a"]
                return self.metrics_names, self.model.metrics_names
        class Agent:
            @property
            def metrics_tensors(self):
                return self.metrics_tensors
    """
    check_noop(source, RULE, manual=[(5, "`self.model.metrics_names`")])


def test_steps_of_optimizers_of_their_own_are_asked_for_under_k2compat():
    source = """\
        from keras.optimizers import Optimizer
        class Mine(Optimizer):
            def get_updates(self, loss, params):
                return []
        class Other:
            def get_updates(self):
                return []
    """
    check_noop(source, RULE, manual=[(3, "`Mine.get_updates`")])


def test_what_layers_and_callbacks_have_no_longer():
    source = """\
        import keras
        class Count(keras.layers.Layer):
            def call(self, x):
                self.add_update([1], x)
        class Log(keras.callbacks.Callback):
            def on_batch_end(self, batch, logs):
                self.losses.append(logs.get("loss"))
            def on_epoch_end(self, epoch, logs):
                return logs["loss"], self.params["samples"], self.params["epochs"], other.params["samples"]
    """
    check_noop(source, RULE, manual=[(4, "`self.add_update`"), (6, "mean since"), (9, "'samples'")])
