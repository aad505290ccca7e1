"""The colours of the course: the same thing has the same colour in every lesson.

They are told apart by colour-blind eyes: the three roles come from Okabe and Ito's
palette, the signed scale runs from blue to red through white and never through green.
"""

INPUT = "#0072B2"
KERNEL = "#E69F00"
OUTPUT = "#009E73"

#: Signed numbers: evenly spaced stops from the most negative over zero to the most
#: positive.
SIGNED = ("#053061", "#4393C3", "#FFFFFF", "#D6604D", "#67001F")

#: A value that is not a number (NaN or infinite): a colour no scale above contains.
NOT_A_NUMBER = "#F0E442"

#: Words, lines and the page of a picture.
INK = "#1A1A1A"
LINE = "#8C8C8C"
GAP = "#B7C9DB"  # between the maps of a mosaic, where white and gray mean numbers
PAGE = "#FFFFFF"
