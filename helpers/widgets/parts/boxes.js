// Boxes: the numbers of a graph, each in its place, joined by lines.

import { short } from "./axes.js";
import { make, setText, svg } from "./elements.js";
import { clamp, noNumber, parse } from "./numbers.js";

const [FEWEST, MOST] = [4, 7]; // letters that a box has room for: 0.12, −0.1234
const WIDE = 0.64; // of a letter, as a share of its height, in wide type
const GRADIENT = { size: 0.85, sign: 1.6 }; // its type, and the letters that "∂ " takes

/** A number in so many letters, with as many digits as they leave, from four down to one. */
export function fitting(value, letters = MOST) {
  const texts = [4, 3, 2, 1].map((digits) => short(value, digits));
  const text = texts.find(({ length }) => length <= letters);
  return text ?? (Math.abs(value) < 0.01 ? "≈ 0" : texts.at(-1));
}

/**
 * A number in a box: its name above, its gradient below. A `given` one can be typed:
 * onInput(number) comes with every change, ↑ and ↓ change it by 1 (with Shift by 0.1), and
 * onRefuse(sentence) with a text that is no number, onRefuse("") when that is mended.
 */
export function numberBox({ name, role, given, onInput, onRefuse }) {
  let [shown, gradientShown, room] = [NaN, undefined, MOST];
  const number = given
    ? make("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        "aria-label": name,
        oninput: typed,
        onkeydown: keyed,
        onfocus: () => number.select(),
        onblur: () => {
          if (number.getAttribute("aria-invalid")) onRefuse("");
          write();
        },
      })
    : make("output", { "aria-label": name });
  const gradient = make("span", { class: "hc-gradient" });
  const element = make(
    "div",
    { class: "hc-box" },
    make("span", { class: "hc-box-name", "aria-hidden": "true" }, name),
    number,
    gradient,
  );
  element.style.setProperty("--role", role);

  function write() {
    const text = Number.isNaN(shown) ? "" : fitting(shown, room);
    if (given) {
      number.value = text;
      number.removeAttribute("aria-invalid");
    } else setText(number, text);
  }

  function writeGradient() {
    const text = gradientShown === undefined ? "" : `∂ ${fitting(gradientShown, room)}`;
    if (gradient.textContent === text) return;
    gradient.textContent = text;
    gradient.className = gradientShown < 0 ? "hc-gradient hc-is-negative" : "hc-gradient";
  }

  function typed() {
    const value = parse(number.value);
    if (Number.isNaN(value)) {
      number.setAttribute("aria-invalid", "true");
      onRefuse(noNumber(number.value, shown));
    } else if (onInput(value)) number.removeAttribute("aria-invalid");
    else number.setAttribute("aria-invalid", "true");
  }

  function keyed(event) {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    const next = shown + direction * (event.shiftKey ? 0.1 : 1);
    if (onInput(Number(next.toFixed(10)))) write();
  }

  return {
    element,
    /** Show a number, NaN where there is none yet, and its gradient, undefined likewise. */
    show(value, arrived) {
      const typing = given && number === document.activeElement;
      const differs = !Object.is(value, shown);
      shown = value;
      if (typing ? parse(number.value) !== value : differs) write();
      gradientShown = arrived;
      writeGradient();
    },
    /** There is room for so many letters from now on. */
    fit(letters) {
      room = letters;
      if (number !== document.activeElement) write();
      writeGradient();
    },
    mark: (name, on) => element.classList.toggle(`hc-is-${name}`, on),
  };
}

const WAYS = { across: "place", down: "down" };

/**
 * A stage on which boxes stand, joined by lines: at their `place`, from left to right, or,
 * where there is no room, at `down`, from top to bottom; both are [column, row], whole or not.
 * show(boxes, lines) sets it up anew: boxes are [element, places], lines [places, places, key].
 * mark(key) marks the lines of that key. onRoom(letters) says for how many letters its boxes
 * have room, whenever that may have changed.
 */
export function boxStage(label, onRoom) {
  const drawings = Object.keys(WAYS).map((way) =>
    svg("svg", { class: `hc-lines hc-${way}`, "aria-hidden": "true", preserveAspectRatio: "none" }),
  );
  const element = make("div", { class: "hc-boxes", role: "group", "aria-label": label });
  let drawn = []; // [key, its line across, its line down]
  const observer = new ResizeObserver(() => {
    const number = element.querySelector(":is(input, output)");
    if (!number?.clientWidth) return; // not in sight
    const letter = WIDE * parseFloat(getComputedStyle(number).fontSize);
    const letters = number.parentElement.clientWidth / letter;
    const beside = letters / GRADIENT.size - GRADIENT.sign;
    onRoom(clamp(Math.floor(Math.min(letters, beside)), FEWEST, MOST));
  });

  function show(boxes, lines) {
    Object.entries(WAYS).forEach(([way, kind], k) => {
      const sides = [0, 1].map((axis) => Math.max(...boxes.map(([, at]) => at[kind][axis])) + 1);
      element.style.setProperty(`--columns-${way}`, sides[0]);
      element.style.setProperty(`--rows-${way}`, sides[1]);
      drawings[k].setAttribute("viewBox", `0 0 ${sides.join(" ")}`);
      for (const [box, at] of boxes) {
        box.style.setProperty(`--column-${way}`, at[kind][0]);
        box.style.setProperty(`--row-${way}`, at[kind][1]);
      }
    });
    drawn = lines.map(([from, to, key]) => [
      key,
      ...Object.values(WAYS).map((kind) => {
        const [[x1, y1], [x2, y2]] = [from, to].map((at) => at[kind].map((n) => n + 0.5));
        return svg("line", { x1, y1, x2, y2 });
      }),
    ]);
    drawings.forEach((drawing, k) => drawing.replaceChildren(...drawn.map((line) => line[k + 1])));
    element.replaceChildren(...drawings, ...boxes.map(([box]) => box));
    observer.disconnect();
    observer.observe(element); // which says its size at once
  }

  return {
    element,
    show,
    mark(key) {
      for (const [own, ...lines] of drawn)
        for (const line of lines) line.classList.toggle("hc-is-current", own === key);
    },
    close: () => observer.disconnect(),
  };
}
