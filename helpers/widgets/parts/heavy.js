// Work that takes longer than a frame: in a worker, or in slices where none may start.

import { t } from "./texts.js";

const SLICE = 8; // ms that a slice of work on the page's own thread may take

let refused = false; // whether this page lets no worker start

/** The buffers of all arrays in a value, so that they can be handed over without a copy. */
export function buffersIn(value, found = new Set(), seen = new Set()) {
  if (!value || typeof value !== "object" || seen.has(value)) return found;
  seen.add(value);
  if (value instanceof ArrayBuffer) found.add(value);
  else if (!ArrayBuffer.isView(value))
    for (const part of Object.values(value)) buffersIn(part, found, seen);
  else if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  return found;
}

// What a worker does, as a text: it imports the very module that the page has.
const WORK = `
${buffersIn.toString().replace(/^export /, "")}
addEventListener("message", async ({ data: { url, name, input, texts } }) => {
  globalThis.handsOnConvnetsTexts = texts;
  let module;
  try {
    module = await import(url);
  } catch (error) {
    postMessage(["refused"]);
    return;
  }
  postMessage(["ready"]);
  try {
    if (!module[name]) throw new Error(name + " is no export of its module");
    const steps = module[name](input);
    for (;;) {
      const { value, done } = steps.next();
      if (done) return postMessage(["done", value], [...buffersIn(value)]);
      if (value !== undefined) postMessage(["progress", value]);
    }
  } catch (error) {
    postMessage(["error", error.message]);
  }
});
`;

/** Start a worker, or return undefined where the page refuses at once. */
function hire() {
  const address = URL.createObjectURL(new Blob([WORK], { type: "text/javascript" }));
  const forget = () => URL.revokeObjectURL(address);
  try {
    // Not itself a module: a page that opens from a file may start no such worker.
    const worker = new Worker(address);
    worker.addEventListener("message", forget, { once: true });
    worker.addEventListener("error", (event) => {
      event.preventDefault(); // it is no error of the page
      forget();
    });
    const leave = () => {
      worker.onmessage = worker.onmessageerror = worker.onerror = null;
      worker.terminate();
      forget();
    };
    return { worker, leave };
  } catch {
    forget();
    return undefined;
  }
}

/**
 * Take the steps of a generator in slices of a few milliseconds, and let the page do its own
 * work in between. onValue(value) comes with what it yields, onDone(value) with what it returns,
 * onError(error) with what it throws. The returned function ends it.
 */
export function inSlices(steps, { onValue, onDone, onError, now = () => performance.now() }) {
  const { port1, port2 } = new MessageChannel();
  let ended = false;
  function stop() {
    ended = true;
    port1.close();
  }
  /** The next step; what it yields is copied, as a worker's message is. */
  function next() {
    const { value, done } = steps.next();
    return { value: done ? value : structuredClone(value), done };
  }
  function slice() {
    const start = now();
    do {
      let step;
      try {
        step = next();
      } catch (error) {
        stop();
        onError(error);
        return;
      }
      if (step.done) {
        stop();
        onDone(step.value);
      } else if (step.value !== undefined) onValue(step.value);
    } while (!ended && now() - start < SLICE);
    if (!ended) port2.postMessage(0);
  }
  port1.onmessage = () => ended || slice();
  port2.postMessage(0);
  return stop;
}

/**
 * A place where one job after the other is done, off the page's thread if that can be.
 *
 * `job` is a generator that a module exports under its own name, and `url` is that module's
 * import.meta.url. Nothing in the module, or in what it imports, may touch the page while it
 * is imported. A bare `yield` is a place where the job may pause: 50 ms apart are too far. A
 * value that it yields comes to onProgress, each one, so a job yields as many as are to be
 * seen. What goes in and what it yields is copied; what it returns is handed over, so it
 * must not be kept.
 *
 * run(input, { onProgress, onDone, onError }) starts the job; one that still runs is cancelled,
 * and nothing more is heard of it. onError(sentence) says what went wrong. cancel() ends the
 * job, close() the place. `way` is "worker" or "page", once that is known.
 */
export function heavy(job, url, { now } = {}) {
  let way = refused ? "page" : undefined;
  let hired; // a worker that waits for the next job, or does one
  let running; // the job of which something may still be heard
  let endSlices = () => {};
  let closed = false;

  function dismiss() {
    hired?.leave();
    hired = undefined;
  }

  function cancel() {
    if (running) dismiss(); // at work, it does not listen
    endSlices();
    running = undefined;
  }

  function run(input, told = {}) {
    const { onProgress = () => {}, onDone = () => {}, onError = console.error } = told;
    cancel();
    if (closed) return;
    const mine = (running = {});
    const isMine = () => running === mine;
    const progress = (value) => isMine() && onProgress(value);
    const done = (value) => {
      if (!isMine()) return;
      running = undefined;
      onDone(value);
    };
    const fail = (why) => {
      if (!isMine()) return;
      running = undefined;
      onError(t("The calculation came to no end: {why}.", { why }));
    };

    const onThePage = (given) => {
      way = "page";
      endSlices = inSlices(job(given), {
        now,
        onValue: progress,
        onDone: done,
        onError: ({ message }) => fail(message),
      });
    };

    const inTheWorker = (given) => {
      hired ??= hire();
      if (!hired) {
        refused = true;
        onThePage(given);
        return;
      }
      const { worker } = hired;
      const goOnHere = () => {
        dismiss();
        if (isMine()) onThePage(given);
      };
      const ready = () => (way = "worker");
      const heard = { progress, done, ready, error: fail, refused: goOnHere };
      worker.onmessage = ({ data: [kind, value] }) => isMine() && heard[kind](value);
      const giveUp = (why) => {
        dismiss();
        fail(why);
      };
      worker.onmessageerror = () => giveUp(t("what it said cannot be read"));
      worker.onerror = ({ message }) => {
        if (way === "worker") return giveUp(message);
        refused = true;
        return goOnHere();
      };
      const texts = globalThis.handsOnConvnetsTexts;
      worker.postMessage({ url, name: job.name, input: given, texts });
    };

    try {
      // Kept until it is known that a worker takes it: a copy, as what the worker gets.
      if (way === "worker") inTheWorker(input);
      else if (way === "page" || refused) onThePage(structuredClone(input));
      else inTheWorker(structuredClone(input));
    } catch ({ message }) {
      queueMicrotask(() => fail(message)); // nothing is told before `run` returns
    }
  }

  return {
    run,
    cancel,
    close() {
      closed = true;
      cancel();
      dismiss();
    },
    get way() {
      return way;
    },
  };
}

/**
 * The same for jobs that come faster than they are done: one that runs comes to its end, what
 * comes meanwhile waits, and of several that wait only the latest is done. onDone(value,
 * isLatest) tells whether none waits.
 */
export function latest(job, url) {
  const place = heavy(job, url);
  let works = false;
  let waiting; // [input, told]
  function start(input, { onDone, onError }) {
    works = true;
    place.run(input, {
      onDone(value) {
        onDone(value, !waiting);
        goOn();
      },
      onError(sentence) {
        onError(sentence, !waiting);
        goOn();
      },
    });
  }
  function goOn() {
    works = false;
    const next = waiting;
    waiting = undefined;
    if (next) start(...next);
  }
  return {
    run(input, told) {
      if (works) waiting = [input, told];
      else start(input, told);
    },
    close() {
      waiting = undefined;
      place.close();
    },
  };
}
