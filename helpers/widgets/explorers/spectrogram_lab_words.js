// SpectrogramLab: what it says.

import { bracketed, by, format, square } from "../parts/numbers.js";
import { RATE } from "../parts/sounds.js";
import { t } from "../parts/texts.js";

const WRITTEN = 9; // products that are written out
const MOST = [513, 249]; // rows and columns of a spectrogram
const WIDE = -1 / 90; // written with more letters than nearly all others: −0.01111

const sizeOf = ([rows, columns]) => (rows === columns ? square(rows) : by([rows, columns]));
const hertz = (number) => format(Math.round(number), 6);
const seconds = (number) => number.toFixed(2);

/** What the window does: long ones tell frequencies apart, short ones moments. */
export function windowText({ window, hop }) {
  return t(
    "A window of {window} samples lasts {long} ms and tells frequencies apart that lie {apart} Hz " +
      "apart; a new one begins every {hop} ms.",
    {
      window,
      long: format((1000 * window) / RATE),
      apart: format(RATE / window),
      hop: format((1000 * hop) / RATE),
    },
  );
}

/** Why there are fewer bands than usual; "" where there are as many. */
export const bandsText = ({ scale }, bands, usual) =>
  scale === "mel" && bands < usual
    ? t("So short a window has only {bands} bands: of {usual} some would hold no frequency.", {
        bands,
        usual,
      })
    : "";

/** The caption of the spectrogram. */
export const shownText = ({ scale }, [rows, columns]) =>
  scale === "mel"
    ? t("Spectrogram: {rows} mel bands × {columns} stretches", { rows, columns })
    : t("Spectrogram: {rows} frequencies × {columns} stretches", { rows, columns });

/** Which way the filter can slide, and what comes out. */
export function slidesText({ kernel, slides }, [bands, frames], [down, across]) {
  const told = { size: sizeOf(kernel.shape), bands, frames, down, across };
  if (slides === "time")
    return t(
      "{size} numbers, spread over all {bands} bands: the filter has room to slide in time alone. " +
        "Its response is a row of {across}.",
      told,
    );
  if (slides === "frequency")
    return t(
      "{size} numbers, spread over all {frames} stretches: the filter has room to slide in " +
        "frequency alone. Its response is a column of {down}.",
      told,
    );
  return t(
    "{size} numbers: the filter slides in time and in frequency. Its response is a map of " +
      "{down} × {across}.",
    told,
  );
}

/** Where the filter stands. */
export const placeText = (reach) =>
  t("Here it sees {from} to {to} seconds, {low} to {high} Hz.", {
    from: seconds(reach.seconds[0]),
    to: seconds(reach.seconds[1]),
    low: hertz(reach.hertz[0]),
    high: hertz(reach.hertz[1]),
  });

/** The sum behind a number of the response, written out where it is short. */
export function sumText({ kernel, slides }, seen, [row, column], value) {
  const terms = Array.from(kernel.data, (weight, k) => `${bracketed(weight)}·${bracketed(seen.data[k])}`);
  const told = { row, column, value: format(value, 6), count: terms.length };
  if (terms.length > WRITTEN)
    return t("response[{row}, {column}] = sum of {count} products = {value}", told);
  const sum = terms.join(" + ");
  return slides === "time and frequency"
    ? t("response[{row}, {column}] = {sum} = {value}", { ...told, sum })
    : t("response[{row}, {column}] = {sum} = {value}, of the means of its parts", { ...told, sum });
}

/** As long as the sentences get while window, hop and place change. */
export const longestTexts = (settings) => ({
  slides: slidesText(settings, MOST, MOST),
  place: placeText({ seconds: [0, 0], hertz: [RATE / 2, RATE / 2] }),
  sum: sumText(settings, { data: settings.kernel.data.map(() => WIDE) }, MOST, WIDE),
});

/** The response as a picture, in words. */
export const responseText = ({ slides }, { shape }, low, high) =>
  t("Response of the filter that slides in {slides}: {size}, from {low} to {high}", {
    slides: t(slides),
    size: by(shape),
    low: format(low),
    high: format(high),
  });

/** What the network hears, whatever window and hop are set. */
export const earText = ({ mels, window, hop }) =>
  t(
    "The network hears {mels} bands, a window of {window} samples and a hop of {hop}, whatever " +
      "you set here.",
    { mels, window, hop },
  );
