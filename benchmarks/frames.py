"""Where the time of a frame goes, from a key press to the picture on the screen.

Each explorer stands alone on a bare page in headless Chromium; an arrow key moves one
of its sliders to and fro while the browser writes a trace. For every kind of work the
table has milliseconds a press, of the page's main thread (script, style, layout, paint)
and of the threads that make pixels of it (raster, and drawing the frame; with software
rendering both are the processor's work). *Frame* is the time from the key event to the
drawn frame, whatever waited in between. The peer is a bare slider on the same page.

Run ``python benchmarks/frames.py [NAME ...]``. Nothing is asserted about time.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from _browser import ROOT
from _table import header, machine, row
from lab_browser import chromium
from playwright.sync_api import Browser, Page

from helpers import widgets

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from stage import PAGE, mount

PRESSES = 60
KINDS = {
    "script": ["FunctionCall", "RunMicrotasks", "v8.callFunction"],
    "style": ["UpdateLayoutTree"],
    "layout": ["Layout"],
    "paint": ["PrePaint", "Paint", "Layerize", "Commit"],
    "raster": ["RasterTask"],
    "draw": ["Display::DrawAndSwap"],
}
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "viz", "v8"]
EXPLORERS = {
    "ConvolutionStepper": ("binary", "Stride"),
    "ChannelSum": ("flower", "Bias"),
    "PoolingStepper": ("overlapping", "Window"),
    "TransposedPainter": ("bilinear", "Stride"),
    "ReceptiveField": (None, "Input"),
    "KernelLab": ("camera", "Row"),
    "ShiftTest": ("digit 4", "Columns right"),
    "UpsamplingCompare": ("astronaut", "Lens row"),
}
FRAME = """() => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now() - window.pressed);
  channel.port2.postMessage(0);
}))"""


def pressed(browser: Browser, page: Page, label: str) -> tuple[list[float], bytes]:
    """Press arrows on a slider; return ms until each frame was drawn, and the trace."""
    slider = page.locator("label", has_text=label).locator("input[type=range]").first
    slider.focus()
    page.evaluate(
        "addEventListener('keydown', (event) => (pressed = event.timeStamp), true)"
    )
    for warming in ("ArrowRight", "ArrowLeft") * 4:
        page.keyboard.press(warming)
    page.wait_for_timeout(300)
    browser.start_tracing(page=page, categories=CATEGORIES)
    frames = []
    for k in range(PRESSES):
        page.keyboard.press(("ArrowRight", "ArrowLeft")[k % 2])
        frames.append(page.evaluate(FRAME))
        page.wait_for_timeout(30)
    return frames, browser.stop_tracing()


def work(trace: bytes) -> dict[str, float]:
    """Add up a trace: milliseconds a press for every kind of work.

    Work inside work of the same kind is counted once.
    """
    kind_of = {name: kind for kind, names in KINDS.items() for name in names}
    spans: dict[tuple[str, Any, Any], list[tuple[float, float]]] = defaultdict(list)
    for event in json.loads(trace)["traceEvents"]:
        kind = kind_of.get(event["name"])
        if kind and event["ph"] == "X":
            start = event["ts"]
            key = kind, event["pid"], event["tid"]
            spans[key].append((start, start + event.get("dur", 0)))
    total: dict[str, float] = defaultdict(float)
    for (kind, _, _), found in spans.items():
        end = 0.0
        for start, stop in sorted(found):
            total[kind] += max(0.0, stop - max(start, end))
            end = max(end, stop)
    return {kind: total[kind] / 1000 / PRESSES for kind in KINDS}


def measured(browser: Browser, names: list[str]) -> Iterator[tuple[str, list[float]]]:
    """Yield a name and its row of the table."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.set_content(PAGE)
    page.evaluate("""document.body.innerHTML =
      "<label>bare <input type=range min=0 max=10></label>" """)
    cases = [("a bare slider", "bare", page)]
    for name in names:
        preset, label = EXPLORERS[name]
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        mount(page, getattr(widgets, name)(*([preset] if preset else [])))
        cases.append((f"{name}: {label}", label, page))
    for name, label, page in cases:
        page.bring_to_front()
        frames, trace = pressed(browser, page, label)
        parts = work(trace)
        yield name, [*parts.values(), float(np.median(frames))]
        page.close()


def main() -> None:
    """Print the table."""
    names = sys.argv[1:] or list(EXPLORERS)
    print(machine("playwright"))
    with chromium() as browser:
        print(f"Chromium {browser.version}")
        header(f"ms a key press, {PRESSES} presses each", [*KINDS, "frame"])
        for name, numbers in measured(browser, names):
            row(name, numbers)


if __name__ == "__main__":
    main()
