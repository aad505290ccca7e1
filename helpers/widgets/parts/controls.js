// Controls: a name, the control itself, its value; and lines of text that answer.

import { make, setText } from "./elements.js";
import { format } from "./numbers.js";
import { share } from "./state.js";
import { t } from "./texts.js";

const named = (label, ...rest) =>
  make("label", { class: "hc-control" }, make("span", { class: "hc-name" }, label), ...rest);

const ENDS = 500; // of more values than twice as many, only those at the ends are looked at

/** What stands beside a slider in all its places; one digit is as wide as another. */
function forms({ min, max, step }, show, others) {
  const [low, by] = [Number(min), Number(step)];
  const count = Math.round((max - low) / by) + 1;
  const found = new Set();
  const add = (text) => found.add(String(text).replace(/\d/g, "0"));
  for (let k = 0; k < count; k++)
    if (k < ENDS || k >= count - ENDS)
      add(show(Number((low + k * by).toPrecision(12)))); // as the input has it
  others.forEach(add);
  return [...found].join("\n");
}

/**
 * A number that is dragged. What stands beside it takes the room of the widest from the start, so
 * that the track keeps its width under the hand; so do `others`, texts of another range.
 */
export function slider({
  label, min, max, step = 1, value, onInput, show = format, others = [],
}) {
  const input = make("input", { type: "range", min, max, step });
  const output = make("output", { "aria-hidden": "true" });
  const element = named(label, input, output);
  element.classList.add("hc-slider");
  let range; // whose texts have their room
  const makeRoom = () => {
    const now = [input.min, input.max, input.step].join();
    if (now !== range) output.dataset.forms = forms(input, show, others);
    range = now;
  };
  const control = {
    element,
    input,
    get value() {
      return Number(input.value);
    },
    set value(next) {
      control.set(next);
    },
    /** Go to a value; what is written beside it may be told too. */
    set(next, text = show(next)) {
      input.value = next;
      makeRoom();
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    },
  };
  input.addEventListener("input", () => {
    control.value = Number(input.value);
    onInput(control.value);
  });
  if (value !== undefined) control.value = value;
  return control;
}

/** A menu of [value, text] pairs. */
export function menu({ label, options, value, onChange }) {
  const select = make(
    "select",
    {},
    ...options.map(([name, text]) => make("option", { value: name }, text)),
  );
  if (value !== undefined) select.value = value;
  select.addEventListener("change", () => onChange(select.value));
  return {
    element: named(label, select),
    select,
    get value() {
      return select.value;
    },
    set value(next) {
      select.value = next;
    },
  };
}

export function button(text, onClick, attributes = {}) {
  return make("button", { type: "button", onclick: onClick, ...attributes }, text);
}

/** Buttons in a row of their own among the settings. */
export const actions = (...buttons) => make("div", { class: "hc-actions" }, ...buttons);

export function checkbox({ label, value = false, onChange }) {
  const input = make("input", { type: "checkbox", onchange: () => onChange(input.checked) });
  input.checked = value;
  return {
    element: make("label", { class: "hc-control hc-check" }, input, make("span", {}, label)),
    input,
    get value() {
      return input.checked;
    },
    set value(next) {
      input.checked = next;
    },
  };
}

/**
 * A control that sets a trait of the model: slider, menu or checkbox, made from the settings
 * that it takes. `follow()` goes where Python, or another view, has set the trait.
 */
export function bound(model, name, makeControl, settings) {
  const set = (value) => share(model, { [name]: value });
  const control = makeControl({
    ...settings,
    value: model.get(name),
    onInput: set,
    // What stands in a menu is text; the trait may hold numbers.
    onChange: (value) =>
      set(typeof model.get(name) === "number" ? Number(value) : value),
  });
  return Object.assign(control, { follow: () => (control.value = model.get(name)) });
}

/**
 * A number that is typed: onChange(value) returns whether it was taken. A text that is no
 * whole number from `low` to `high` is refused, onRefuse(sentence), and the last one stays.
 */
export function numberField({ label, name, low, high, onChange, onRefuse }) {
  let shown; // the number that stands in it when nobody types
  const input = make("input", {
    type: "number",
    min: low,
    max: high,
    "aria-label": name,
    oninput: typed,
    onblur: () => {
      if (input.getAttribute("aria-invalid")) onRefuse("");
      write();
    },
  });
  function write() {
    input.value = shown;
    input.removeAttribute("aria-invalid");
  }
  function typed() {
    const value = input.value === "" ? NaN : Number(input.value);
    const fits = Number.isInteger(value) && value >= low && value <= high;
    if (!fits)
      onRefuse(
        t("The {name} is a whole number from {low} to {high}; {shown} stays until you type one.", {
          name,
          low,
          high,
          shown,
        }),
      );
    if (fits && onChange(value)) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  }
  return {
    element: make("label", { class: "hc-field" }, label, input),
    input,
    /** Show a number, unless the same is being typed just now. */
    show(value) {
      shown = value;
      if (input !== document.activeElement || Number(input.value) !== value) write();
    },
  };
}

/** A line of code with a button that copies it. */
export function codeLine(label) {
  const code = make("code", { "aria-label": label });
  const said = make("span", { role: "status" });
  async function copy() {
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = t("Copied.");
    } catch {
      // Without the right to write: select it, so that Ctrl+C does the rest.
      getSelection().selectAllChildren(code);
      said.textContent = t("Selected: copy it with Ctrl+C.");
    }
  }
  return {
    element: make("div", { class: "hc-code" }, code, button(t("Copy"), copy), said),
    copy,
    get text() {
      return code.textContent;
    },
    say(text) {
      if (code.textContent === text) return;
      code.textContent = text;
      said.textContent = "";
    },
  };
}

/**
 * One line for what went wrong; the state on the screen stays as it was. Where several things may
 * go wrong beside each other, say(text, of) and clear(of) name one; the last that is left shows.
 */
export function messageLine() {
  const element = make("p", { class: "hc-message", role: "alert" });
  const wrong = new Map();
  function say(text, of = "") {
    wrong.delete(of);
    if (text) wrong.set(of, text);
    setText(element, [...wrong.values()].at(-1) ?? "");
  }
  return { element, say, clear: (of) => say("", of) };
}

/** Text for screen readers, spoken once the learner pauses. */
export function spoken() {
  const element = make("p", { class: "hc-hidden", "aria-live": "polite" });
  let timer;
  return {
    element,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => (element.textContent = text), 500);
    },
    stop: () => clearTimeout(timer),
  };
}
