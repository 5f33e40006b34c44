"""Results that are pictures, drawn: both sides and their difference."""

from __future__ import annotations

import base64

import cv2
import numpy as np

SMALLEST = 8  # pixels; below that an array is no picture
SHOWN = 160  # pixels a small picture is blown up to
LARGEST = 512  # pixels a large one is brought down to


def as_picture(array: np.ndarray) -> np.ndarray | None:
    """Return the picture an array is: (height, width) or (height, width, 3), of finite numbers; None if it is none.

    Of a batch with channels, the first one.
    """
    if array.dtype.kind not in "fiub":
        return None
    if (array.ndim == 4 and array.shape[0]) or (array.ndim == 3 and array.shape[0] == 1):
        array = array[0]
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    is_one = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)
    if not is_one or min(array.shape[:2]) < SMALLEST:
        return None
    return np.nan_to_num(np.asarray(array, "float64"), posinf=0, neginf=0)


def side_by_side(reference: np.ndarray, found: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Both pictures, drawn on one scale, and their difference on its own.

    Returns:
        Three pictures as OpenCV has them (BGR, 8 bits), each with what its scale is.
    """
    low, high = min(reference.min(), found.min()), max(reference.max(), found.max())
    difference = np.abs(reference - found)
    difference = difference.max(axis=2) if difference.ndim == 3 else difference
    scale = f"{low:.3g} to {high:.3g}"
    return [
        (drawn(reference, low, high), scale),
        (drawn(found, low, high), scale),
        (drawn(difference, 0.0, float(difference.max())), f"0 to {difference.max():.2g}"),
    ]


def drawn(picture: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return a picture in colours: its own if it has three channels, else those of a scale."""
    scaled = (255 * np.clip((picture - low) / (high - low or 1), 0, 1)).astype(np.uint8)
    coloured = scaled[:, :, ::-1] if scaled.ndim == 3 else cv2.applyColorMap(scaled, cv2.COLORMAP_VIRIDIS)
    return resized(np.ascontiguousarray(coloured))


def resized(picture: np.ndarray) -> np.ndarray:
    """Small pictures are blown up by whole pixels, large ones are brought down."""
    size = max(picture.shape[:2])
    factor = SHOWN // size if size <= SHOWN else min(1.0, LARGEST / size)
    way = cv2.INTER_NEAREST if factor >= 1 else cv2.INTER_AREA
    return picture if factor == 1 else cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way)


def data_uri(picture: np.ndarray) -> str:
    """Return a picture as a part of a page."""
    _, png = cv2.imencode(".png", picture)
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode()
