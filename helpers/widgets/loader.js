// The module that anywidget imports anew for every instance, so it is kept tiny: the
// explorer and what it shares are imported once a page and found again by their text.
// Their `from "./name.js"` imports work here as they do on a web server.

const urls = (globalThis.handsOnConvnetsModules ??= new Map());

function link(name, sources) {
  const source = sources[name].replace(
    /from "\.\/([\w.]+)"/g,
    (_, dependency) => `from "${link(dependency, sources)}"`,
  );
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
    const url = link(model.get("_entry"), model.get("_modules"));
    const { default: render } = await import(url);
    const cleanUp = render({ model, el });
    return () => {
      cleanUp();
      el.replaceChildren();
    };
  },
};
