"""``keras.preprocessing.image``: the images and batches that a seed of NumPy gives."""

import os
import shutil
import tempfile

import numpy as np

from ..registry import case
from ..tools import numbered, outcome, pixels, told

IMAGES = pixels(7, 9, 8, 3) * 255
LABELS = np.arange(7)
SEEDED = {"seed": 5}
GEOMETRY = {
    "rotated": {"rotation_range": 40},
    "shifted": {"width_shift_range": 0.3, "height_shift_range": 0.2},
    "shifted_by_pixels": {"width_shift_range": 3, "height_shift_range": [-2, 0, 2]},
    "sheared": {"shear_range": 20},
    "zoomed": {"zoom_range": 0.3},
    "zoomed_between": {"zoom_range": [0.5, 1.5]},
    "nearest_pixel": {"rotation_range": 40, "interpolation_order": 0},
    "cubic": {"rotation_range": 40, "interpolation_order": 3},
    "constant": {"rotation_range": 40, "fill_mode": "constant", "cval": 7.0},
    "reflected": {"rotation_range": 90, "fill_mode": "reflect"},
    "wrapped": {"zoom_range": 0.5, "fill_mode": "wrap"},
}
COLORS = {
    "channels": {"channel_shift_range": 30.0},
    "brighter": {"brightness_range": (0.3, 1.2)},
    "flipped": {"horizontal_flip": True, "vertical_flip": True},
    "scaled": {"preprocessing_function": lambda x: 2 * x - 1, "rescale": 0.5},
    "each_centered": {"samplewise_center": True, "samplewise_std_normalization": True},
    "all": {
        "rotation_range": 20,
        "width_shift_range": 0.1,
        "height_shift_range": 0.1,
        "shear_range": 0.2,
        "zoom_range": 0.2,
        "channel_shift_range": 10,
        "horizontal_flip": True,
        "vertical_flip": True,
        "brightness_range": (0.5, 1.5),
        "rescale": 1 / 255.0,
    },
}


def batches(generator, images=IMAGES, **flow):
    """Three batches, which are an epoch and the beginning of another one, with their labels."""
    iterator = generator.flow(images, LABELS[: len(images)], batch_size=4, **flow)
    found = [iterator.next(), next(iterator), iterator.next()]
    return [array for batch in found for array in batch]


def all_batches(keras, options):
    arrays = {}
    for name, option in options.items():
        np.random.seed(3)
        generator = keras.preprocessing.image.ImageDataGenerator(**option)
        arrays.update(numbered(batches(generator), name))
        arrays.update(numbered(batches(generator, **SEEDED)[:2], name + "_seeded"))
        arrays[name + "_alone"] = generator.random_transform(IMAGES[0], seed=11)
    return arrays


@case()
def images_moved_at_random(K, keras, load):
    """Rotation, shift, shear and zoom, with each way to fill and to interpolate."""
    return all_batches(keras, GEOMETRY)


@case()
def images_colored_at_random(K, keras, load):
    """Flips, channel shift, brightness, what is done to each image alone, and all of it together."""
    return all_batches(keras, COLORS)


@case()
def images_with_channels_first(K, keras, load):
    """The same images with their channels first."""
    options = {"data_format": "channels_first", "rotation_range": 30, "zoom_range": 0.2, "channel_shift_range": 10}
    generator = keras.preprocessing.image.ImageDataGenerator(**options)
    return numbered(batches(generator, IMAGES.transpose(0, 3, 1, 2), **SEEDED))


@case()
def drawn_transformations(K, keras, load):
    """What is drawn for an image, what applies it, and what it is applied by."""
    generator = keras.preprocessing.image.ImageDataGenerator(**COLORS["all"])
    drawn = generator.get_random_transform((9, 8, 3), seed=4)
    given = {"theta": 30, "tx": 1, "ty": 2, "shear": 10, "zx": 0.8, "zy": 1.2, "flip_horizontal": True}
    given.update(brightness=0.5, channel_shift_intensity=5.0)
    return {
        "drawn": [float(drawn[name]) for name in sorted(drawn)],
        "applied": generator.apply_transform(IMAGES[0], drawn),
        "given": generator.apply_transform(IMAGES[0], given),
    }


@case()
def image_functions(K, keras, load):
    """The functions that move one image, with their defaults and with the channels last."""
    image, last = keras.preprocessing.image, {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
    x, first = IMAGES[0], IMAGES[0].transpose(2, 0, 1)
    arrays = {}
    for axes, picture in (({}, first), (last, x)):
        arrays.update(
            numbered(
                [
                    image.random_rotation(picture, 30, **axes),
                    image.random_shift(picture, 0.2, 0.3, **axes),
                    image.random_shear(picture, 20, **axes),
                    image.random_zoom(picture, (0.6, 1.4), **axes),
                ],
                "last" if axes else "first",
            )
        )
    arrays["affine"] = image.apply_affine_transform(x, theta=20, tx=1, ty=2, shear=5, zx=0.9, zy=1.1)
    arrays["by_position"] = image.apply_affine_transform(x, 20, 0, 0, 0, 1, 1, 0, 1, 2, "constant", 3.0)
    arrays["unmoved"] = image.apply_affine_transform(x)
    arrays["channel_shift"] = image.random_channel_shift(x, 20, channel_axis=2)
    arrays["brightness"] = image.random_brightness(x, (0.5, 2.0))
    arrays["refused"] = outcome(lambda: image.random_zoom(x, (1, 2, 3)))
    return arrays


@case()
def statistics_of_images(K, keras, load):
    """Mean, deviation and whitening over all images, which ``fit`` finds."""
    image = keras.preprocessing.image
    small = np.random.RandomState(0).standard_normal((40, 3, 3, 1)).astype("float32")
    small[:, 0] += small[:, 1]
    arrays = {}
    for name, options in {
        "center": {"featurewise_center": True},
        "deviation": {"featurewise_center": True, "featurewise_std_normalization": True, "rescale": 0.5},
        "whitened": {"featurewise_center": True, "zca_whitening": True, "rescale": 0.5},
        "more_epsilon": {"featurewise_center": True, "zca_whitening": True, "zca_epsilon": 0.1},
    }.items():
        for augment in (False, True):
            generator = image.ImageDataGenerator(rotation_range=20, **options)
            generator.fit(small, augment=augment, rounds=2, seed=3)
            key = name + ("_augmented" if augment else "")
            arrays[key] = next(generator.flow(small, batch_size=5, seed=1))
            arrays[key + "_mean"] = np.zeros(1) if generator.mean is None else generator.mean
            if "zca_whitening" in options:
                arrays[key + "_components"] = generator.principal_components
    return arrays


@case()
def images_of_other_types(K, keras, load):
    """What type batches have, and the arrays that are given beside images."""
    image = keras.preprocessing.image
    doubles = image.ImageDataGenerator(dtype="float64", rotation_range=20)
    beside = image.ImageDataGenerator().flow((IMAGES, [2 * LABELS, 3 * LABELS]), LABELS, batch_size=3, seed=2)
    (pictures, doubled, tripled), labels = beside.next()
    weighted = image.ImageDataGenerator().flow(IMAGES, LABELS, sample_weight=LABELS / 2.0, batch_size=3, seed=2).next()
    split = image.ImageDataGenerator(validation_split=0.3)
    subsets = [split.flow(IMAGES, LABELS % 2, subset=name, seed=1) for name in ("training", "validation")]
    return {
        "dtypes": [batch.dtype.name for batch in batches(doubles)[::2]],
        "float64": batches(doubles, **SEEDED)[0],
        "uint8": batches(image.ImageDataGenerator(), IMAGES.astype("uint8"), **SEEDED)[0],
        "beside": pictures,
        "labels": [doubled, tripled, labels],
        "weights": weighted[2],
        "alone": image.ImageDataGenerator().flow(IMAGES, batch_size=3, seed=2).next(),
        "sizes": [len(subset) for subset in subsets] + [subset.n for subset in subsets],
        "validation": subsets[1].next()[0],
    }


def tree_of_images():
    """A directory with images of three classes, one of them in a folder below."""
    from PIL import Image

    root = tempfile.mkdtemp()
    for name, count in (("b_dogs", 5), ("a_cats", 4), (os.path.join("c", "below"), 3)):
        os.makedirs(os.path.join(root, name))
        for i in range(count):
            picture = np.random.RandomState(10 * count + i).randint(0, 255, size=(12 + i, 14, 3))
            Image.fromarray(picture.astype("uint8")).save(os.path.join(root, name, "p%d.png" % i))
    return root


@case()
def images_of_a_directory(K, keras, load):
    """``flow_from_directory``: the order of files and classes, each class mode, color mode and interpolation."""
    generator, root = keras.preprocessing.image.ImageDataGenerator, tree_of_images()
    arrays = {}
    try:
        for name, made, options in (
            ("plain", {}, {}),
            ("seeded", {}, {"seed": 3}),
            ("in_order", {}, {"shuffle": False}),
            ("unlabeled", {}, {"class_mode": None}),
            ("sparse", {}, {"class_mode": "sparse"}),
            ("binary", {}, {"class_mode": "binary", "classes": ["b_dogs", "a_cats"]}),
            ("autoencoder", {}, {"class_mode": "input"}),
            ("gray", {}, {"color_mode": "grayscale"}),
            ("bilinear", {}, {"interpolation": "bilinear"}),
            ("moved", COLORS["all"], {"seed": 2}),
            ("training", {"validation_split": 0.4}, {"subset": "training", "seed": 1}),
            ("validation", {"validation_split": 0.4}, {"subset": "validation"}),
        ):
            iterator = generator(**made).flow_from_directory(root, target_size=(8, 9), batch_size=5, **options)
            found = [iterator.next() for _ in range(4)]
            arrays[name] = np.concatenate([batch[0] if isinstance(batch, tuple) else batch for batch in found])
            if isinstance(found[0], tuple):
                arrays[name + "_labels"] = np.concatenate([batch[1] for batch in found])
            arrays[name + "_files"] = [path.replace(os.sep, "/") for path in iterator.filenames]
            arrays[name + "_classes"] = sorted(iterator.class_indices, key=iterator.class_indices.get)
    finally:
        shutil.rmtree(root)
    return arrays


@case()
def loaded_images(K, keras, load):
    """``load_img`` in color and gray, its arguments by position, and what makes images of arrays."""
    image, root = keras.preprocessing.image, tree_of_images()
    path = os.path.join(root, "b_dogs", "p1.png")
    try:
        with told() as warned:
            loaded = {
                "plain": image.load_img(path),
                "gray": image.load_img(path, grayscale=True),
                "gray_by_position": image.load_img(path, True, "rgb", (6, 7)),
            }
        loaded.update(
            gray_as_mode=image.load_img(path, color_mode="grayscale", target_size=(6, 7)),
            by_position=image.load_img(path, False, "rgb", (5, 5), "nearest"),
            bicubic=image.load_img(path, target_size=(20, 20), interpolation="bicubic"),
        )
        arrays = {name: image.img_to_array(picture) for name, picture in loaded.items()}
    finally:
        shutil.rmtree(root)
    arrays["warned"] = [str(warning.message) for warning in warned]
    arrays["scaled"] = np.asarray(image.array_to_img(IMAGES[0] - 30))
    arrays["unscaled"] = np.asarray(image.array_to_img(IMAGES[0], scale=False))
    return arrays
