// The module that anywidget imports anew for every instance, so it is kept tiny: the
// explorer and what it shares are imported once a page and found again by their text.
// Their `from "./name.js"` and `from "../parts/name.js"` work as they do on a web server.

const urls = (globalThis.handsOnConvnetsModules ??= new Map());

/** The address of a module, from its path and the sources of all. */
export function link(path, sources) {
  const source = sources[path].replace(/from "(\.{1,2}\/[\w./]+)"/g, (_, dependency) => {
    const { pathname } = new URL(dependency, `file:///${path}`);
    return `from "${link(pathname.slice(1), sources)}"`;
  });
  if (!urls.has(source))
    urls.set(
      source,
      URL.createObjectURL(new Blob([source], { type: "text/javascript" })),
    );
  return urls.get(source);
}

export default {
  initialize({ model }) {
    // JupyterLab holds on to the model of a closed widget. So let go of what is large;
    // _entry comes last, since a model also keeps the values it had before its last change.
    return () => {
      for (const name of [...model.get("_large"), "_entry"]) model.set(name, null);
    };
  },
  async render({ model, el }) {
    const isClosed = () => model.get("_entry") === null;
    if (isClosed()) return;
    const url = link(model.get("_entry"), model.get("_modules"));
    const { default: render } = await import(url);
    if (isClosed()) return; // while the modules were on their way
    const cleanUp = render({ model, el });
    return () => {
      cleanUp();
      el.replaceChildren();
    };
  },
};
