// The state of an explorer: traits that come from Python and go there.

import { alike } from "./numbers.js";

const TYPES = { float64: Float64Array, uint8: Uint8Array, int16: Int16Array };

/** The array that a trait of Python's class Array holds. */
export function getArray(model, name) {
  return fromMessage(model.get(name));
}

/** Bytes come as a DataView in JupyterLab; elsewhere as another view, or as an ArrayBuffer. */
export function fromMessage({ shape, dtype, data }) {
  return { shape, data: Float64Array.from(numbersFrom(data, TYPES[dtype])) };
}

/** Bytes that came as numbers of that kind, Uint8Array for one; a copy. */
export function numbersFrom(data, Kind) {
  const view = ArrayBuffer.isView(data) ? data : new DataView(data);
  return new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

export function toMessage({ shape, data }, dtype = "float64") {
  return { shape, dtype, data: new DataView(TYPES[dtype].from(data).buffer) };
}

/** A photo: bytes where that loses nothing. */
export function photoMessage(photo) {
  const bytes = photo.data.every((v) => Number.isInteger(v) && v >= 0 && v <= 255);
  return toMessage(photo, bytes ? "uint8" : "float64");
}

/** Tell Python. The explorer goes on alone where no kernel listens any more. */
export function share(model, changes) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  try {
    model.save_changes();
  } catch (error) {
    console.info("The explorer goes on without its kernel:", error.message);
  }
}

/**
 * Call a listener for each trait that changes, until the returned function is called: from
 * Python, from here, or from another view of the same model.
 *
 * Traits that change together come one by one. So the listeners wait until those of one
 * message, or of one `share`, are there, and run in the order in which they are given, each
 * once however many of its traits changed. Where a trait is null the explorer is being closed.
 */
export function listen(model, listeners) {
  let changed = new Set();
  function run() {
    const names = changed;
    changed = new Set(); // what a listener changes itself comes next
    if (Object.keys(listeners).some((name) => model.get(name) === null)) return;
    const due = Object.entries(listeners).filter(([name]) => names.has(name));
    for (const listener of new Set(due.map(([, listener]) => listener))) listener();
  }
  const wired = Object.keys(listeners).map((name) => [
    `change:${name}`,
    () => {
      if (!changed.size) queueMicrotask(run);
      changed.add(name);
    },
  ]);
  for (const [event, listener] of wired) model.on(event, listener);
  return () => {
    for (const [event, listener] of wired) model.off(event, listener);
    changed.clear();
  };
}

/** The same listener for several traits. */
export const each = (names, listener) =>
  Object.fromEntries(names.map((name) => [name, listener]));

/**
 * The state of an explorer whose settings must fit together, from here and from Python.
 *
 * now() are the settings on the screen, read() those that the traits hold. misfit(next) says
 * why some do not fit together, or ""; take(next) shows those that do, refuse(sentence) what it
 * said. Python is told what traitsOf(now, before) returns. Where the explorer has a walk
 * (stepper.js), Python is told where it stands too, and it follows.
 */
export function state({ model, traits, now, read, misfit, take, refuse, traitsOf, walk }) {
  function follow() {
    const next = read();
    if (!alike(next, now()) && !misfit(next)) take(next); // else the rest is on its way
    walk?.follow();
  }
  return {
    /** Take changes if all fits together, and tell whether it does; else say why not. */
    attempt(changes) {
      const before = now();
      const sentence = misfit({ ...before, ...changes });
      if (sentence) {
        refuse(sentence);
        return false;
      }
      take({ ...before, ...changes });
      share(model, { ...traitsOf(now(), before), ...walk?.state });
      return true;
    },
    listeners: each([...traits, ...(walk?.traits ?? [])], follow),
  };
}
