"""A chart that grows while it is looked at: script a frame, and frames a second.

Four series of 2,000 points each stand on a bare page in headless Chromium; then 600
points come to each of them, sixty a second, as fast as an explorer that trains draws
them. *Script* is the time that the page's own thread spends in `append` and in painting
the chart, a frame; *worst* is the longest of them. *Frames* are those that came in a
second. The peer is a bare page that asks for frames and does nothing in them.

Run ``python benchmarks/chart.py``. Nothing is asserted about time.
"""

import sys

from _browser import ROOT
from _table import header, machine, row
from lab_browser import chromium
from playwright.sync_api import Browser

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from stage import PAGE, load

from helpers.widgets.parts.base import source

SERIES, POINTS, ADDED = 4, 2000, 600
CASES = {
    "nothing is drawn": "none",
    "the axis grows": "grows",
    "the axis stays": "stays",
    "the axis is logarithmic": "log",
}

# Milliseconds of script in each frame, and how long all frames took.
GROW = """async ([kind, series, points, added]) => {
  const times = [];
  // The chart asks for its frame by this; so its painting is measured, too.
  const ask = window.requestAnimationFrame;
  let spent = 0;
  const timed = (act) => (...given) => {
    const start = performance.now();
    act(...given);
    spent += performance.now() - start;
  };
  const y = (k, n) =>
    Math.exp(-n / 800) * (1 + 0.3 * Math.sin(n / 7 + k)) + 0.01;
  const upTo = (n) => Array.from({ length: n }, (_, k) => k);
  const ends = kind === "stays" ? { low: 0, high: points + added } : {};
  const one = kind !== "none" && chart.chart({
    label: "Loss",
    x: { title: "step", ...ends },
    y: { title: "loss", log: kind === "log" },
  });
  const frame = () => new Promise((done) => ask(done));
  if (one) {
    document.querySelector(".hc").replaceChildren(one.element);
    const steps = upTo(points);
    one.draw({ series: upTo(series).map((k) =>
      ({ name: `network ${k}`, xs: steps, ys: steps.map((n) => y(k, n)) })) });
  }
  for (let k = 0; k < 5; k++) await frame();
  window.requestAnimationFrame = (act) => ask(timed(act));
  const add = timed((n) => {
    for (let k = 0; k < series; k++) one.append(k, [points + n], [y(k, points + n)]);
  });
  const start = performance.now();
  for (let n = 0; n < added; n++) {
    if (one) add(n);
    await frame();
    times.push(spent);
    spent = 0;
  }
  const seconds = (performance.now() - start) / 1000;
  window.requestAnimationFrame = ask;
  if (one) one.close();
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * (added - 1))];
  return [at(0.5), at(0.95), at(1), added / seconds];
}"""


def measured(browser: Browser, kind: str) -> list[float]:
    """Return median, 95th and greatest ms of script a frame, and frames a second."""
    page = browser.new_page(viewport={"width": 900, "height": 700})
    page.set_content(PAGE.replace("<main>", '<main><div class="hc"></div>'))
    page.add_style_tag(content=source("parts/base.css") + source("parts/chart.css"))
    load(page, "parts/chart.js")
    numbers = page.evaluate(GROW, [kind, SERIES, POINTS, ADDED])
    page.close()
    return numbers


def main() -> None:
    """Print the table."""
    print(machine("playwright"))
    with chromium() as browser:
        print(f"Chromium {browser.version}")
        title = f"{SERIES} series of {POINTS} points, {ADDED} more to each"
        header(title, ["script, ms", "95 %", "worst", "frames / s"])
        for name, kind in CASES.items():
            row(name, measured(browser, kind))


if __name__ == "__main__":
    main()
