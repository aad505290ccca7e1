// The state of an explorer as text: to be kept, to be sent, to be written as Python.

import { alike } from "./numbers.js";
import { fromMessage, share, toMessage } from "./state.js";

const nested = (data, [n, ...rest]) =>
  rest.length
    ? Array.from({ length: n }, (_, k) => {
        const size = data.length / n;
        return nested(data.slice(k * size, (k + 1) * size), rest);
      })
    : [...data];

/** An array as nested lists, as NumPy's tolist() gives them. */
export const listed = ({ shape, data }) => nested(data, shape);

/** Some traits as plain values that JSON can write: arrays become nested lists. */
export function save(model, names) {
  const plain = (value) => (value?.shape ? listed(fromMessage(value)) : value);
  return Object.fromEntries(names.map((name) => [name, plain(model.get(name))]));
}

/** Set the traits that `save` gave; an array keeps the type that the trait has now. */
export function restore(model, saved) {
  const shapeOf = (list) => (Array.isArray(list) ? [list.length, ...shapeOf(list[0])] : []);
  const asTrait = ([name, value]) => {
    const before = model.get(name);
    if (!before?.shape) return [name, value];
    const data = Float64Array.from(value.flat(Infinity));
    const bytes = data.every((v) => Number.isInteger(v) && v >= 0 && v <= 255);
    const dtype = before.dtype === "uint8" && bytes ? "uint8" : "float64";
    return [name, toMessage({ shape: shapeOf(value), data }, dtype)];
  };
  share(model, Object.fromEntries(Object.entries(saved).map(asTrait)));
}

class Tuple extends Array {}

/** A list that Python writes as a tuple. */
export const tuple = (...values) => Tuple.from(values);

/** A value whose lists, and those in them, Python writes as tuples. */
export const tuples = (value) => (Array.isArray(value) ? tuple(...value.map(tuples)) : value);

class Variable {
  constructor(name) {
    this.name = name;
  }
}

/** What Python calls by a name of the learner's own: it is too large to be written. */
export const variable = (name) => new Variable(name);

/** A plain value as Python writes it. */
export function literal(value) {
  if (value instanceof Variable) return value.name;
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    const pairs = Object.entries(value).map(([key, one]) => `${literal(key)}: ${literal(one)}`);
    return `{${pairs.join(", ")}}`;
  }
  const inside = Array.from(value, literal).join(", ");
  if (value instanceof Tuple) return value.length === 1 ? `(${inside},)` : `(${inside})`;
  return `[${inside}]`;
}

/**
 * The Python that makes the explorer: its class called with these arguments, by name; those
 * that are the default anyway are left out. `_call` comes from Python: the class's name, and
 * [argument, default, whether it is given by name only] of each.
 */
export function call(model, given) {
  const { name, parameters } = model.get("_call");
  let positional = true; // until one is left out
  const written = parameters.flatMap(([argument, usual, byName]) => {
    const value = given[argument];
    if (value === undefined || alike(value, usual)) {
      positional = false;
      return [];
    }
    positional &&= !byName;
    return [positional ? literal(value) : `${argument}=${literal(value)}`];
  });
  return `${name}(${written.join(", ")})`;
}
