// Sounds in and out of the page: files, the microphone, the loudspeaker. Nothing leaves it.

import { fitted, levelled } from "./sounds.js";
import { t } from "./texts.js";

const MOST_BYTES = 20e6;
const STRETCH = 0.02; // seconds by which it is looked where a sound begins
const SILENT = 1e-3; // of the loudest stretch's power: what lies below is not yet the sound
const NOTHING = 1e-3; // the largest number of a recording in which nothing is heard
const LONGEST = 4; // seconds of a recording

// ---- waves ----

/**
 * One second of a wave, from where the sound begins: a stretch before the first that is not
 * silent. A wave that is no longer stays whole.
 */
export function oneSecond(wave, rate) {
  if (wave.length <= rate) return fitted(wave, rate);
  const size = Math.round(STRETCH * rate);
  const powers = Array.from({ length: Math.floor(wave.length / size) }, (_, k) =>
    wave.subarray(k * size, (k + 1) * size).reduce((sum, value) => sum + value ** 2, 0),
  );
  const most = powers.reduce((a, b) => Math.max(a, b));
  const first = powers.findIndex((power) => power >= SILENT * most);
  return fitted(wave.subarray(Math.max(first - 1, 0) * size), rate);
}

/** The bytes of a WAV file, 16 bits a sample. */
export function wavFile(wave, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * wave.length));
  const text = (at, letters) =>
    [...letters].forEach((letter, k) => view.setUint8(at + k, letter.charCodeAt(0)));
  const number = (at, value, bytes) =>
    bytes === 4 ? view.setUint32(at, value, true) : view.setUint16(at, value, true);
  text(0, "RIFF");
  number(4, 36 + 2 * wave.length, 4);
  text(8, "WAVEfmt ");
  number(16, 16, 4);
  number(20, 1, 2); // not compressed
  number(22, 1, 2); // channels
  number(24, rate, 4);
  number(28, 2 * rate, 4);
  number(32, 2, 2);
  number(34, 16, 2);
  text(36, "data");
  number(40, 2 * wave.length, 4);
  wave.forEach((value, k) => {
    const whole = Math.round(value * 32768);
    view.setInt16(44 + 2 * k, Math.min(Math.max(whole, -32768), 32767), true);
  });
  return view.buffer;
}

/** The wave in the bytes of a sound file of any kind that the browser knows, at that rate. */
async function decoded(bytes, rate) {
  const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, k) =>
    sound.getChannelData(k),
  );
  return Float64Array.from(channels[0], (_, k) => {
    const mean = channels.reduce((sum, channel) => sum + channel[k], 0) / channels.length;
    return Math.min(Math.max(mean, -1), 1);
  });
}

/** One second of a sound file: { shape, data }. Throws an Error with a sentence. */
export async function readSound(file, rate) {
  if (file.size > MOST_BYTES)
    throw new Error(
      t("{name} has {size} MB; at most {most} are taken. Cut it first.", {
        name: file.name,
        size: Math.round(file.size / 1e6),
        most: MOST_BYTES / 1e6,
      }),
    );
  let wave;
  try {
    wave = await decoded(await file.arrayBuffer(), rate);
  } catch {
    wave = new Float64Array();
  }
  if (!wave.length)
    throw new Error(
      t("{name} cannot be read as a sound. Choose a WAV, MP3 or Ogg file.", file),
    );
  return { shape: [rate], data: oneSecond(wave, rate) };
}

// ---- out ----

/**
 * What plays waves: play(wave, rate), one after the other; stop(). A page that lets no file of
 * its own be played may still let its numbers be.
 */
export function speaker(onRefuse) {
  let end = () => {};
  function stop() {
    end();
    end = () => {};
  }

  async function asFile(wave, rate) {
    const url = URL.createObjectURL(new Blob([wavFile(wave, rate)], { type: "audio/wav" }));
    const audio = new Audio(url);
    let ended = false;
    const mine = () => {
      if (ended) return;
      ended = true;
      audio.pause();
      audio.removeAttribute("src");
      URL.revokeObjectURL(url);
    };
    end = mine;
    audio.addEventListener("ended", mine, { once: true });
    try {
      await audio.play();
    } catch (error) {
      if (ended) return; // by the next sound, or because the explorer was closed
      mine();
      throw error;
    }
  }

  async function asNumbers(wave, rate) {
    const context = new AudioContext();
    let closed = false;
    const mine = () => {
      if (!closed) context.close();
      closed = true;
    };
    end = mine;
    const buffer = context.createBuffer(1, wave.length, rate);
    buffer.copyToChannel(Float32Array.from(wave), 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.addEventListener("ended", mine, { once: true });
    source.start();
  }

  return {
    async play(wave, rate) {
      stop();
      const loud = levelled(wave, 0.9);
      try {
        await asFile(loud, rate).catch(() => asNumbers(loud, rate));
      } catch {
        onRefuse(t("This page does not let sounds be played."));
      }
    },
    stop,
  };
}

// ---- in ----

/** Why the microphone cannot be had. */
function refusalOf({ name }) {
  if (name === "NotFoundError")
    return t("No microphone was found. Open a sound file instead.");
  if (name === "NotAllowedError" || name === "SecurityError")
    return t(
      "The browser does not let this page use the microphone. Allow it in the address line, or " +
        "open a sound file.",
    );
  return t("The microphone cannot be used ({name}). Open a sound file instead.", { name });
}

const letGo = (stream) => stream?.getTracks().forEach((track) => track.stop());

/**
 * A recorder for one second of the microphone: `toggle()` starts it, or ends it; after some
 * seconds it ends itself. onWave(array) comes with the second that begins where the sound does,
 * onRefuse(sentence) where there is none, onState(runs) when it starts and ends.
 */
export function recorder({ rate, onWave, onRefuse, onState }) {
  let running; // { stream, machine, timer } of the recording that runs
  let asking = false; // the browser asks whether the page may
  let closed = false;

  function end() {
    if (running?.machine.state === "recording") running.machine.stop();
  }

  function release() {
    clearTimeout(running.timer);
    letGo(running.stream);
    running = undefined;
    if (!closed) onState(false);
  }

  async function take(parts) {
    let wave;
    try {
      wave = await decoded(await new Blob(parts).arrayBuffer(), rate);
    } catch {
      wave = new Float64Array();
    }
    if (closed) return;
    if (!wave.some((value) => Math.abs(value) > NOTHING))
      onRefuse(t("Nothing was heard. Speak nearer to the microphone, or louder."));
    else onWave({ shape: [rate], data: oneSecond(wave, rate) });
  }

  async function start() {
    if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) {
      onRefuse(
        t(
          "This page may not use a microphone: browsers let only pages do so that come by https " +
            "or from this machine. Open a sound file instead.",
        ),
      );
      return;
    }
    asking = true;
    const parts = [];
    let stream;
    let machine;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (closed) {
        letGo(stream);
        return;
      }
      machine = new MediaRecorder(stream);
      machine.addEventListener("dataavailable", ({ data }) => parts.push(data));
      machine.addEventListener("stop", () => {
        release();
        if (!closed) take(parts);
      });
      machine.start();
    } catch (error) {
      letGo(stream);
      if (!closed) onRefuse(refusalOf(error));
      return;
    } finally {
      asking = false;
    }
    running = { stream, machine, timer: setTimeout(end, 1000 * LONGEST) };
    onState(true);
  }

  return {
    toggle() {
      if (running) end();
      else if (!asking) start();
    },
    close() {
      closed = true;
      end();
    },
  };
}
