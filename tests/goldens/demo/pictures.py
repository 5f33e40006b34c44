"""Draws the demo's pictures: a handwritten digit somewhere in a cluttered 96x96 picture, and the box around it.

The digits are those of scikit-learn (8x8, 1797 of them, in the order of their writers). The first ``TRAIN`` are for
training; test pictures are drawn from the others only, so no digit, and hardly a writer, is in both. Everything is
drawn with NumPy and its frozen ``RandomState``, so the legacy environment and today's draw the same pictures.
"""

import numpy as np

SIZE = 96
TRAIN = 1497
# Digits are drawn from a smooth enlargement; this many pixels a side.
FINE = 64
ROWS, COLUMNS = np.mgrid[0:SIZE, 0:SIZE].astype("float64")


def digits(train):
    """The digits of one side of the split.

    Args:
        train: True for the digits to learn from, False for those to test with.

    Returns:
        (images, labels): float64 (N, 8, 8) in 0..1, int (N,).
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    part = slice(None, TRAIN) if train else slice(TRAIN, None)
    return data.images[part] / 16.0, data.target[part]


def test_pictures(count, seed):
    """The pictures to test with, each of another digit.

    Returns:
        (pictures, labels, boxes): uint8 (N, 96, 96, 3), int (N,), int (N, 4) as left, top, right, bottom, all inside.
    """
    images, labels = digits(train=False)
    random = np.random.RandomState(seed)
    chosen = random.permutation(len(images))[:count]
    drawn = [draw(images[index], random) for index in chosen]
    return np.stack([picture for picture, _ in drawn]), labels[chosen], np.array([box for _, box in drawn])


def draw(digit, random):
    """One picture: background, clutter, the digit on top; see ``with_digit``."""
    return with_digit(cluttered(random), digit, random)


def cluttered(random):
    """A canvas without a digit: float64 (96, 96, 3) in 0..1."""
    canvas = background(random)
    for _ in range(random.randint(5, 11)):
        shape = CLUTTER[random.randint(len(CLUTTER))]
        paint(canvas, shape(random) * random.uniform(0.35, 0.9), random.uniform(0, 1, 3))
    return canvas


def with_digit(canvas, digit, random):
    """Puts a digit on a canvas, which is changed.

    Args:
        canvas: (96, 96, 3) in 0..1.
        digit: (8, 8) in 0..1.
        random: the RandomState to draw from.

    Returns:
        (picture, box): uint8 (96, 96, 3); left, top, right, bottom.
    """
    mask = placed(digit, random)
    paint(canvas, mask * 0.95, ink(canvas, mask, random))
    rows, columns = np.nonzero(mask > 0.3)
    box = [columns.min(), rows.min(), columns.max(), rows.max()]
    return np.round(canvas * 255).astype("uint8"), box


def background(random):
    """Two colours, one running into the other."""
    angle = random.uniform(0, 2 * np.pi)
    along = (np.cos(angle) * COLUMNS + np.sin(angle) * ROWS) / SIZE
    along = (along - along.min()) / (along.max() - along.min())
    first, second = random.uniform(0.1, 0.9, (2, 3))
    return first + along[:, :, None] * (second - first)


def paint(canvas, mask, colour):
    """Lays a colour on the canvas, as opaque as the mask says."""
    canvas += mask[:, :, None] * (colour - canvas)


def ink(canvas, mask, random):
    """A colour that stands out from what is below the digit, brighter or darker."""
    below = np.average(canvas.reshape(-1, 3), axis=0, weights=mask.ravel())
    contrast = random.uniform(0.35, 0.7)
    room = 1 - below.mean() > contrast, below.mean() > contrast
    brighter = room[0] and (not room[1] or random.uniform() < 0.5)
    colour = below + (contrast if brighter else -contrast) + random.uniform(-0.12, 0.12, 3)
    return np.clip(colour, 0, 1)


def placed(digit, random):
    """The digit's mask on the picture: at a random place, of a random size, a little turned and slanted."""
    size = random.uniform(22, 46)
    margin = size / 2 + 1
    centre_row, centre_column = random.uniform(margin, SIZE - margin, 2)
    turn, slant, narrow = random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2), random.uniform(0.85, 1.1)
    down, right = (ROWS - centre_row) / size, (COLUMNS - centre_column) / size
    row = np.cos(turn) * down - np.sin(turn) * right
    column = (np.sin(turn) * down + np.cos(turn) * right) / narrow + slant * row
    return sampled(enlarged(digit), (row + 0.5) * FINE - 0.5, (column + 0.5) * FINE - 0.5)


def cubic(size, fine):
    """The matrix (fine, size) that enlarges a row of ``size`` values: cubic convolution (Keys, a = -1/2)."""
    at = (np.arange(fine) + 0.5) * size / fine - 0.5
    distance = np.abs(at[:, None] - np.arange(size))
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    return np.where(distance < 1, near, np.where(distance < 2, far, 0))


ENLARGE = cubic(8, FINE)


def enlarged(digit):
    """The digit at FINE x FINE, with strokes that have an edge."""
    return np.clip((ENLARGE.dot(digit).dot(ENLARGE.T) - 0.35) / 0.25, 0, 1)


def sampled(image, row, column):
    """The image's values at fractional places, 0 outside."""
    padded = np.pad(image, 1, mode="constant")
    row, column = np.clip(row + 1, 0, FINE + 0.999), np.clip(column + 1, 0, FINE + 0.999)
    top, left = row.astype(int), column.astype(int)
    down, right = row - top, column - left
    upper = padded[top, left] * (1 - right) + padded[top, left + 1] * right
    lower = padded[top + 1, left] * (1 - right) + padded[top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def stripe(random):
    """A straight line from edge to edge."""
    angle, width = random.uniform(0, np.pi), random.uniform(0.6, 2.5)
    row, column = random.uniform(0, SIZE, 2)
    distance = np.abs((ROWS - row) * np.cos(angle) - (COLUMNS - column) * np.sin(angle))
    return np.clip(width + 0.5 - distance, 0, 1)


def rectangle(random):
    """A filled rectangle, turned."""
    down, right = turned(random)
    height, width = random.uniform(3, 22, 2)
    return np.clip(height + 0.5 - np.abs(down), 0, 1) * np.clip(width + 0.5 - np.abs(right), 0, 1)


def ellipse(random):
    """A filled ellipse, turned."""
    down, right = turned(random)
    height, width = random.uniform(4, 20, 2)
    radius = np.sqrt((down / height) ** 2 + (right / width) ** 2)
    return np.clip((1 - radius) * min(height, width) + 0.5, 0, 1)


def arc(random):
    """Part of a large circle, as thick as a pen's stroke."""
    row, column = random.uniform(-0.3 * SIZE, 1.3 * SIZE, 2)
    radius, width = random.uniform(0.25 * SIZE, 0.9 * SIZE), random.uniform(0.8, 2.5)
    distance = np.abs(np.hypot(ROWS - row, COLUMNS - column) - radius)
    return np.clip(width + 0.5 - distance, 0, 1)


def dashes(random):
    """A few short strokes in one direction, like a scratch or hatching."""
    down, right = turned(random)
    step, width = random.uniform(5, 9), random.uniform(0.6, 1.6)
    distance = np.abs((down + step / 2) % step - step / 2)
    inside = (np.abs(down) < random.uniform(6, 16)) * np.clip(random.uniform(4, 12) + 0.5 - np.abs(right), 0, 1)
    return inside * np.clip(width + 0.5 - distance, 0, 1)


def turned(random):
    """Coordinates around a random centre, turned by a random angle."""
    row, column = random.uniform(0, SIZE, 2)
    angle = random.uniform(0, np.pi)
    down, right = ROWS - row, COLUMNS - column
    return np.cos(angle) * down - np.sin(angle) * right, np.sin(angle) * down + np.cos(angle) * right


CLUTTER = [stripe, rectangle, ellipse, arc, dashes]
