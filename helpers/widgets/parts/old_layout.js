// The layout that explorers had before layout.js.

import { INPUT, KERNEL, OUTPUT } from "./colours.js";
import { make } from "./elements.js";

/**
 * Keep the keys that are pressed inside an explorer from the notebook, where X cuts a cell and
 * A adds one. JupyterLab takes keys before they come here, so they cannot be stopped; but it
 * looks for a mark, first on the very element that has the focus. A click beside the controls
 * gives the focus to the explorer itself, which has a tabindex to that end.
 */
function keepKeys(root) {
  const mark = (element) => (element.dataset.lmSuppressShortcuts = "true");
  mark(root);
  root.addEventListener("focusin", (event) => mark(event.target));
}

/** The outermost element of an explorer, with what puts it on a slide. */
export function explorer(label, ...children) {
  const large = make("button", { type: "button", "aria-pressed": "false" }, "Large");
  const full = make("button", { type: "button" }, "Full screen");
  const bar = make("div", { class: "hc-slide" }, large);
  const root = make(
    "div",
    { class: "hc", role: "group", "aria-label": label, tabindex: -1 },
    bar,
    ...children,
  );
  for (const [role, colour] of Object.entries({ INPUT, KERNEL, OUTPUT }))
    root.style.setProperty(`--${role.toLowerCase()}`, colour);
  // After a click the keys belong to the explorer: space plays, and does not click again.
  const handOver = (event) => event.detail && root.focus({ preventScroll: true });
  large.addEventListener("click", (event) => {
    const on = root.classList.toggle("hc-large");
    large.setAttribute("aria-pressed", on);
    handOver(event);
  });
  full.addEventListener("click", (event) => {
    if (document.fullscreenElement === root) document.exitFullscreen();
    else root.requestFullscreen().catch(() => large.click());
    handOver(event);
  });
  if (document.fullscreenEnabled) bar.append(full); // not in every frame of every site
  keepKeys(root);
  return root;
}
