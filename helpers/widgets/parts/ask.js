// An explorer asks its kernel for what takes the page too long: ask.py is Python's side.
//
// Over anywidget's custom messages, which every front end has. anywidget's own `invoke` gives a
// promise for each question: it cannot be told that an answer is not wanted any more, sends
// them all, so that they pile up behind a slider, and gives up after three seconds, whether
// the kernel is gone or works.

import { messageLine } from "./controls.js";
import { make, setText } from "./elements.js";
import { alike } from "./numbers.js";
import { fromMessage, photoMessage } from "./state.js";
import { t } from "./texts.js";

const BUSY = 500; // ms until it is said that the kernel is asked: what is pointed at takes less
const PATIENCE = 15_000; // ms until it is said that it does not answer
const LINE = Symbol("the line to the kernel"); // what may go wrong, beside the slots

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
 * given: plain values, and arrays { shape, data }. One question is on its way at a time, also
 * where the kernel is busy with other cells: there no second one lies in wait. Of those in one
 * `slot`, the question unless another is told, the latest counts: what waits is replaced, and an
 * answer that came too late is dropped. onError(sentence) comes where there is none; should
 * one come nevertheless, it is taken. The sentence stands in `element` already, which also says
 * that the kernel computes. forget(slot) takes back what was asked there, close() all.
 */
export function asker(model, { busy = BUSY, patience = PATIENCE } = {}) {
  const me = Math.random().toString(36).slice(2); // another view may ask, too
  const said = make("p", { class: "hc-note", role: "status", "aria-live": "polite" });
  const wrong = messageLine();
  const element = make("div", { class: "hc-asked" }, said, wrong.element);
  const waiting = new Map(); // by their slots, in the order in which they are to be asked
  let current = null; // the question on its way
  let count = 0;
  let busyTimer;
  let closed = false;

  function ask(question, given, told = {}, slot = question) {
    if (closed) return;
    if (current?.isLost) current = null; // the next one may be luckier
    const next = { question, given, told, slot };
    const isSame = (name) => alike(current[name], next[name]);
    if (current && ["question", "slot", "given"].every(isSame)) {
      current.told = told;
      waiting.delete(slot);
    } else {
      forget(slot);
      waiting.set(slot, next);
      if (!current) send();
    }
    if (!current.isLate) return;
    queueMicrotask(() => {
      // Nothing is told before `ask` returns.
      const isWanted = waiting.get(slot) === next || current?.told === told;
      if (current?.isLate && isWanted) fail(next, silence(), LINE);
    });
  }

  function forget(slot) {
    waiting.delete(slot);
    wrong.clear(slot);
    if (current?.slot === slot) current.told = null;
  }

  /** What is said while a question is on its way, unless that takes a moment only. */
  const tell = () =>
    setText(said, current.isHeard ? t("The kernel computes…") : t("The kernel is asked…"));

  function works() {
    busyTimer ??= setTimeout(tell, busy);
  }

  function rests() {
    clearTimeout(busyTimer);
    busyTimer = undefined;
    setText(said, "");
  }

  /** Ask what has waited longest. */
  function send() {
    const [first] = waiting.values();
    current = first ?? null;
    if (!first) {
      rests();
      return;
    }
    waiting.delete(first.slot);
    first.number = `${me} ${++count}`;
    first.timer = setTimeout(late, patience);
    works();
    const { given, buffers } = packed(first.given);
    try {
      model.send({ ask: first.number, question: first.question, given }, undefined, buffers);
    } catch (error) {
      console.info("No question reaches the kernel:", error.message);
      queueMicrotask(() => current === first && lost());
    }
  }

  const silence = () =>
    typeof model.send === "function"
      ? t("The kernel does not answer; run the cell again once no other one runs.")
      : t("This page has no kernel; open the lesson in Jupyter for this.");

  /** The kernel does not answer so far: nothing is known, neither of what waits. */
  function late() {
    if (!current || current.isLate || closed) return;
    current.isLate = true;
    clearTimeout(current.timer);
    rests();
    for (const one of [current, ...waiting.values()]) fail(one, silence(), LINE);
  }

  /** The line is closed: what waits will not be asked. */
  function lost() {
    late();
    if (!current) return;
    current.isLost = true;
    waiting.clear();
  }

  function fail({ told, slot }, sentence, of = slot) {
    if (!told || closed) return; // nobody wants to know any more
    wrong.say(sentence, of);
    told.onError?.(sentence);
  }

  function hear(content, buffers = []) {
    if (!current || content?.answer !== current.number) return; // of another
    clearTimeout(current.timer);
    wrong.clear(LINE);
    if (content.heard) {
      // It may have been busy with something else.
      Object.assign(current, { isHeard: true, isLate: false, isLost: false });
      works();
      if (said.textContent) tell();
      return;
    }
    const answered = current;
    send();
    if (content.error !== undefined) fail(answered, t(content.error, content.values));
    else answered.told?.onAnswer?.(unpacked(content.given, buffers));
  }

  const events = {
    "msg:custom": hear,
    "comm:close": lost,
    // anywidget's model does not tell which it is: of one that does, a line may be back.
    comm_live_update: () => model.comm_live !== true && lost(),
  };
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
