"""The two scales of colour: gray for pixels, signed for numbers around 0."""

from matplotlib.colors import LinearSegmentedColormap, ListedColormap

from helpers import colours

#: Blue is negative, white 0, red positive.
SIGNED = LinearSegmentedColormap.from_list(
    "course_signed", colours.SIGNED
).with_extremes(bad=colours.NOT_A_NUMBER)
# matplotlib cuts off the fraction of a byte: a quarter more, and every gray is exact.
GRAY = ListedColormap(
    [(min(1, (v + 0.25) / 255),) * 3 for v in range(256)]
).with_extremes(bad=colours.NOT_A_NUMBER)
