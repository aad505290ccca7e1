// An explorer asks its kernel for what takes the page too long: ask.py is Python's side.
//
// Over anywidget's custom messages, which every front end has. anywidget's own `invoke` gives a
// promise for each question: it cannot be told that an answer is not wanted any more, sends
// them all, so that they pile up behind a slider, and gives up after three seconds, whether
// the kernel is gone or works.

import { make, setText } from "./elements.js";
import { alike } from "./numbers.js";
import { fromMessage, photoMessage } from "./state.js";
import { t } from "./texts.js";

const BUSY = 150; // ms until it is said that the kernel computes
const PATIENCE = 15_000; // ms until it is said that it does not answer

/** What is given, with its arrays { shape, data } taken out, and their bytes. */
function packed(given) {
  const buffers = [];
  const plain = Object.entries(given).map(([name, value]) => {
    if (!value?.shape) return [name, value];
    const { shape, dtype, data } = photoMessage(value);
    buffers.push(data);
    return [name, { shape, dtype, buffer: buffers.length - 1 }];
  });
  return { given: Object.fromEntries(plain), buffers };
}

/** The answer, its arrays put together again. */
function unpacked(given, buffers) {
  const whole = ([name, value]) => [
    name,
    value?.buffer === undefined ? value : fromMessage({ ...value, data: buffers[value.buffer] }),
  ];
  return Object.fromEntries(Object.entries(given).map(whole));
}

/**
 * One who asks the kernel of an explorer, which is `Answering` in Python.
 *
 * ask(question, given, { onAnswer, onError }) asks for what the method of that name returns,
 * given: plain values, and arrays { shape, data }. One question is on its way at a time. Of
 * those in one `slot`, the question unless another is told, the latest counts: what waits is
 * replaced, and an answer that came too late is dropped. onError(sentence) comes where there
 * is none; the sentence stands in `element` already, which also says that the kernel
 * computes. forget(slot) takes back what was asked there, close() all.
 */
export function asker(model, { busy = BUSY, patience = PATIENCE } = {}) {
  const me = Math.random().toString(36).slice(2); // another view may ask, too
  const said = make("p", { class: "hc-note", role: "status", "aria-live": "polite" });
  const wrong = make("p", { class: "hc-message", role: "alert" });
  const element = make("div", { class: "hc-asked" }, said, wrong);
  const waiting = new Map(); // by their slots, in the order in which they are to be asked
  let current = null; // the question on its way
  let count = 0;
  let busyTimer;
  let closed = false;

  function ask(question, given, told = {}, slot = question) {
    if (closed) return;
    const same = (other) =>
      other?.slot === slot && other.question === question && alike(other.given, given);
    if (same(current) && !current.isLate) {
      current.told = told;
      waiting.delete(slot);
      return;
    }
    forget(slot);
    waiting.set(slot, { question, given, told, slot });
    if (!current || current.isLate) send();
  }

  function forget(slot) {
    waiting.delete(slot);
    if (current?.slot === slot) current.told = null;
  }

  /** Say so, unless it takes a moment only. */
  function computes() {
    busyTimer ??= setTimeout(() => setText(said, t("The kernel computes…")), busy);
  }

  function rests() {
    clearTimeout(busyTimer);
    busyTimer = undefined;
    setText(said, "");
  }

  /** Ask what has waited longest. */
  function send() {
    clearTimeout(current?.timer);
    const [first] = waiting.values();
    current = first ?? null;
    if (!first) {
      rests();
      return;
    }
    waiting.delete(first.slot);
    first.number = `${me} ${++count}`;
    first.timer = setTimeout(gone, patience);
    computes();
    const { given, buffers } = packed(first.given);
    try {
      model.send({ ask: first.number, question: first.question, given }, undefined, buffers);
    } catch (error) {
      console.info("No question reaches the kernel:", error.message);
      // Nothing is told before `ask` returns.
      queueMicrotask(() => current === first && gone());
    }
  }

  /** Nobody answers; should an answer come nevertheless, it is taken. */
  function gone() {
    if (!current || current.isLate || closed) return;
    current.isLate = true;
    clearTimeout(current.timer);
    rests();
    fail(current, t("The kernel does not answer; run the cell again once no other one runs."));
    if (waiting.size) send();
  }

  function fail({ told }, sentence) {
    if (!told) return; // nobody wants to know any more
    setText(wrong, sentence);
    told.onError?.(sentence);
  }

  function hear(content, buffers = []) {
    if (!current || content?.answer !== current.number) return; // of another, or too late
    if (content.heard) {
      clearTimeout(current.timer);
      if (!current.isLate) return;
      current.isLate = false; // it was busy with something else
      setText(wrong, "");
      computes();
      return;
    }
    const answered = current;
    send();
    if (content.error !== undefined) fail(answered, content.error);
    else if (answered.told) {
      setText(wrong, "");
      answered.told.onAnswer?.(unpacked(content.given, buffers));
    }
  }

  const events = { "msg:custom": hear, "comm:close": gone, comm_live_update: gone };
  for (const [event, listener] of Object.entries(events)) model.on(event, listener);
  return {
    element,
    ask,
    forget,
    close() {
      closed = true;
      clearTimeout(current?.timer);
      rests();
      waiting.clear();
      current = null;
      for (const [event, listener] of Object.entries(events)) model.off(event, listener);
    },
  };
}
