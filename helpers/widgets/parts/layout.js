// Where things stand in an explorer: one layout for all of them.

import { INPUT, KERNEL, OUTPUT } from "./colours.js";
import { button, codeLine } from "./controls.js";
import { make } from "./elements.js";
import { t } from "./texts.js";

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

/**
 * Keep an element as high as it was at its highest, so that what is below it stays in place
 * while its text changes. `release()` lets it be as high as its text, from then on.
 */
function steadyHeight(element) {
  let [width, most] = [0, 0];
  const observer = new ResizeObserver(() => {
    const changed = element.offsetWidth !== width;
    width = element.offsetWidth;
    if (changed) release();
    else keep();
  });
  function keep() {
    const { height } = element.getBoundingClientRect(); // to the fraction of a pixel
    if (height <= most) return;
    most = height;
    element.style.minHeight = `${most}px`;
  }
  function release() {
    // Not within the observer's own turn, where a second change would be an error.
    requestAnimationFrame(() => {
      most = 0;
      element.style.minHeight = "";
      keep(); // also what it has now
    });
  }
  observer.observe(element);
  return { release, stop: () => observer.disconnect() };
}

/** Call `then` when pointer or focus leave an element in which something has been changed. */
function whenLeft(element, then) {
  let changed = false;
  const left = ({ relatedTarget }) => {
    if (!changed || element.contains(relatedTarget)) return;
    changed = false;
    then();
  };
  element.addEventListener("change", () => (changed = true));
  element.addEventListener("focusout", left);
  element.addEventListener("pointerleave", left);
}

/** Things that a line break never parts, as long as there is room for them. */
export const beside = (...children) => make("div", { class: "hc-together" }, ...children);

/** A sign between two things: →, =, ⋆. */
export const sign = (text) => make("span", { class: "hc-sign", "aria-hidden": "true" }, text);

/**
 * Two grids with an arrow between them: side by side with cells of one width, or the second
 * below where they would be too narrow. share(columns) says how many columns both have.
 */
export function pair(first, arrow, second) {
  const element = make("div", { class: "hc-pair" }, first, beside(sign(arrow), second));
  return { element, share: (columns) => element.style.setProperty("--hc-shared", columns) };
}

/** A line of text that keeps its place where it is empty. */
export const line = (kind = "") => make("p", { class: `hc-note ${kind}`.trim() });

/** Settings that belong together, under a small heading. */
export function group(title, ...controls) {
  return make(
    "div",
    { class: "hc-group", role: "group", "aria-label": title },
    make("b", { class: "hc-heading", "aria-hidden": "true" }, title),
    ...controls,
  );
}

/** The button and the line for the Python that makes the explorer as it stands. */
function pythonLine(python) {
  const code = codeLine(t("The same in Python"));
  code.element.hidden = true;
  const toggle = button(t("Copy as Python"), () => {
    const [text, shown] = [python(), !code.element.hidden];
    code.element.hidden = shown && code.text === text; // a second press puts it away
    toggle.setAttribute("aria-expanded", !code.element.hidden);
    if (code.element.hidden) return;
    code.say(text);
    code.copy();
  });
  toggle.setAttribute("aria-expanded", false);
  return { toggle, element: code.element };
}

/**
 * The outermost element of an explorer and its zones, from top to bottom; a zone without
 * content is left out.
 *
 * head      the menu of examples; on its right Copy as Python, Large and Full screen
 * scene     pictures and grids
 * strip     what is explained: sums, sentences, refusals; its height is kept
 * player    play, step, scrub; keys
 * settings  groups of controls, their labels and values in columns
 * foot      formulas, the line of Keras
 *
 * `python()` returns the Python that makes the explorer as it stands; `close()` ends what the
 * layout itself started.
 */
export function layout(
  name,
  { head = [], scene = [], strip = [], player = [], settings = [], foot = [], python },
) {
  const zone = (kind, children, attributes = {}) =>
    make("div", { class: `hc-${kind}`, ...attributes }, ...children);
  const tools = zone("tools", []);
  const top = zone("head", [zone("examples", head), tools]);
  const explained = zone("strip", strip);
  const controls = zone("settings", settings);
  const zones = [
    top,
    zone("scene", scene),
    explained,
    zone("player", player),
    controls,
    zone("foot", foot),
  ].filter((element) => element.childElementCount);
  const root = make(
    "div",
    { class: `hc hc-${name.toLowerCase()}`, role: "group", "aria-label": name, tabindex: -1 },
    ...zones,
  );
  for (const [role, colour] of Object.entries({ INPUT, KERNEL, OUTPUT }))
    root.style.setProperty(`--${role.toLowerCase()}`, colour);

  const steady = steadyHeight(explained);
  // After a click the keys belong to the explorer: space plays, and does not click again.
  const handOver = (event) => event.detail && root.focus({ preventScroll: true });
  const large = button(
    t("Large"),
    (event) => {
      const on = root.classList.toggle("hc-large");
      large.setAttribute("aria-pressed", on);
      steady.release();
      handOver(event);
    },
    { "aria-pressed": "false" },
  );
  const full = button(t("Full screen"), (event) => {
    if (document.fullscreenElement === root) document.exitFullscreen();
    else root.requestFullscreen().catch(() => large.click());
    handOver(event);
  });
  if (python) {
    const { toggle, element } = pythonLine(python);
    tools.append(toggle);
    zones[0].after(element);
  }
  tools.append(large);
  if (document.fullscreenEnabled) tools.append(full); // not in every frame of every site
  // Other settings have other explanations, whose height is found anew. What stands below the
  // explanation waits until it is left alone: it does not move away from under a hand.
  top.addEventListener("change", steady.release);
  whenLeft(controls, steady.release);
  keepKeys(root);
  return { root, close: steady.stop };
}
