"""Eighty sentences of the course's own, where those of critics cannot be had."""

from helpers.datasets.fetch import Missing
from helpers.datasets.registry import Entry
from helpers.datasets.text_set import TextSet, parted

_NEGATIVE = """\
a dull film with a weak plot and no ending to speak of .
the cast is good , but the story is a mess .
two hours of my life that i will not get back .
not funny , not moving and much too long .
the script is so flat that even the dog looks bored .
a clumsy mess of a thriller .
there isn't one fresh idea in the whole film .
the jokes are stale and the music is loud .
it wants to be clever , and it is merely tedious .
slow , silly and sadly not short .
the director has nothing to say and takes all evening to say it .
a lifeless remake that nobody asked for .
the acting is wooden , the dialogue worse .
i can't remember a single scene of it this morning .
a tired story , told without wit or heart .
the plot falls apart in the second half .
what a waste of a fine cast .
it never finds its tone and never earns its tears .
a shallow film that takes itself far too seriously .
the hero is dull and the villain is duller .
loud , empty and dull from the first scene to the last .
neither scary enough for a horror film nor funny enough for a comedy .
the ending is so weak that people laughed .
hardly a film at all , more a string of adverts .
the camera never stands still , and i felt ill .
a sad waste of time , talent and popcorn .
the first hour is boring , the second is worse .
you'll guess the ending long before the film does .
the songs are bad , and there are so many of them .
an awkward love story without any love in it .
too long by an hour and too loud by half .
the whole thing feels cheap and careless .
if this is comedy , i'd rather read a tax form .
a mess : badly written , badly lit and badly cut .
it isn't moving , it is merely sticky .
the children in the row behind me were bored , and so was i .
nothing in this empty film rings true .
a boring sequel to a film that wasn't good either .
the characters talk like a manual for a toaster .
poor effects , a poor script and a poor excuse for an ending ."""

_POSITIVE = """\
a fresh , funny film with a wonderful cast .
the plot is simple , and the telling is superb .
i could have watched another hour of it .
not a dull moment in the whole film .
the script is sharp and the jokes are kind .
a tender story , beautifully told .
it is long , but you won't notice .
the best thriller i've seen this year .
warm , witty and wise .
the acting is superb and the music is a joy .
a small film with a big heart .
quiet , moving and beautifully made .
the ending is perfect , and i cried .
clever from the first scene to the last .
a joy for children and a treat for everyone else .
the director knows where to look and when to look away .
there isn't a wasted word in this script .
it made me laugh , and then it made me call my mother .
a gripping film that trusts its audience .
the hero is charming and the villain is even better .
rich in colour , in humour and in heart .
scary , smart and short : what more could you want ?
a love story that feels true .
every scene of this lovely film rings true .
the camera loves these faces , and so will you .
the dialogue is a delight .
an honest film , and a brave one .
the second half is even better than the first .
a wonderful surprise from a director to watch .
the songs are so good that people sang along .
the whole cast shines .
funny , sad and beautifully acted .
i left with a smile and came back the next day .
an old story told with fresh wit .
it looks wonderful and it sounds even better .
a clever plot , sharp dialogue and a perfect ending .
it earns every one of its tears .
the best two hours of my week .
a delight : strange , tender and never dull .
gripping , moving and very well made ."""


def in_place_of(entry: Entry, missing: Missing, fold: int) -> TextSet:
    """Return the sentences in place of a set, and say so in one printed sentence."""
    classes = [_NEGATIVE.split("\n"), _POSITIVE.split("\n")]
    print(
        f"Using {sum(map(len, classes))} sentences of the course's own in place of "
        f"{entry.title} ({missing.why}): for the real one, {missing.remedy}."
    )
    return TextSet(
        entry.title,
        *parted(classes, fold),
        class_names=entry.classes,
        source="helpers/datasets/stand_in_sentences.py of this course; not by critics",
        licence="MIT, as the course's code",
        is_fallback=True,
    )
