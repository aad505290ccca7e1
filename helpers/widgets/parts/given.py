"""What explorers ask of the pictures and kernels they are given, and send along."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets

from helpers import _arguments, images, kernels
from helpers.widgets.parts.traits import to_message


def arrays_by_name() -> traitlets.Dict:
    """Return a synchronised trait that holds arrays by name: a menu's pictures, say."""
    return traitlets.Dict().tag(
        sync=True,
        arrays=True,
        to_json=lambda arrays, _: {
            name: to_message(array, _) for name, array in arrays.items()
        },
    )


def presets_by_name() -> traitlets.Dict:
    """Return a synchronised trait that holds presets, NamedTuples, by name.

    The page gets their fields by name, arrays as messages.
    """

    def to_json(presets: dict[str, Any], _: Any) -> dict[str, dict[str, Any]]:
        return {
            name: {
                field: to_message(value, _) if isinstance(value, np.ndarray) else value
                for field, value in preset._asdict().items()
            }
            for name, preset in presets.items()
        }

    return traitlets.Dict().tag(sync=True, arrays=True, to_json=to_json)


def preset(name: str, presets: dict[str, Any], argument: str = "image") -> Any:
    """Return the preset of that name.

    Raises
    ------
    TraitError
        Where there is none, with the names of those that there are.
    """
    if name not in presets:
        raise traitlets.TraitError(
            f"{argument}: there is no preset {name!r}; choose one of "
            f"{', '.join(presets)}, or give an array."
        )
    return presets[name]


def gray_picture(value: Any, *, least: int = 1, most: int) -> np.ndarray:
    """Return a gray picture, (H, W), uint8 or float64; colour turns gray.

    Parameters
    ----------
    value
        (H, W) or (H, W, 3).
    least, most
        How many pixels a side may have.

    Raises
    ------
    ValueError
        For any other shape or size, with a sentence that begins with ``image``.
    """
    image = _arguments.array(value, "image", finite=True)
    if image.ndim == 3 and image.shape[2] == 3:
        image = images.gray(image)
    if image.ndim != 2:
        raise ValueError(
            f"image: an array of shape {image.shape} came; give a gray (rows, columns) "
            "or a colour (rows, columns, 3) picture."
        )
    rows, columns = image.shape
    if max(image.shape) > most:
        raise ValueError(
            f"image: {rows} × {columns} pixels came; give at most {most} a side, for "
            f"example a part of it, image[:{most}, :{most}]."
        )
    if min(image.shape) < least:
        raise ValueError(
            f"image: {rows} × {columns} pixels came; give at least {least} a side."
        )
    return image if image.dtype == np.uint8 else image.astype(np.float64)


def square_kernel(value: Any, *, most: int, weight: float = 1_000_000) -> np.ndarray:
    """Return a square kernel of odd side, (k, k), float64.

    Parameters
    ----------
    value
        The numbers, or the name of a kernel of :mod:`helpers.kernels`.
    most
        The largest side.
    weight
        The largest size of a weight.

    Raises
    ------
    ValueError
        For any other kernel, with a sentence.
    """
    if isinstance(value, str):
        return kernels.named(value)
    kernel = _arguments.array(value, "kernel", finite=True).astype(np.float64)
    rows, columns = kernel.shape if kernel.ndim == 2 else (0, 0)
    if rows != columns or rows % 2 == 0 or rows > most:
        raise ValueError(
            f"kernel: an array of shape {kernel.shape} came; give a square one with an "
            f"odd side up to {most}, so that it has a centre."
        )
    if np.abs(kernel).max() > weight:
        raise ValueError(
            f"kernel: a weight of {np.abs(kernel).max():g} came; give weights up to "
            f"{weight:,}."
        )
    return kernel


def grid_of_numbers(
    value: Any, name: str, *, most: int, largest: float = 1_000_000
) -> np.ndarray:
    """Return a small matrix, (H, W), float64, whose numbers can be read in cells.

    Parameters
    ----------
    value
        (H, W).
    name
        Of the argument, for the sentence.
    most
        How many cells a side may have.
    largest
        The largest size of a number.

    Raises
    ------
    ValueError
        For anything else, with a sentence that begins with ``name``.
    """
    grid = _arguments.array(value, name, finite=True).astype(np.float64)
    if grid.ndim != 2 or max(grid.shape) > most:
        raise ValueError(
            f"{name}: an array of shape {grid.shape} came; give (rows, columns) with "
            f"at most {most} a side, so that its numbers can be read."
        )
    if np.abs(grid).max() > largest:
        raise ValueError(
            f"{name}: a value of {np.abs(grid).max():g} came; give values up to "
            f"{largest:,}."
        )
    return grid
