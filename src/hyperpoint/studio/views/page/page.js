const LEAST_PLOT = 132 // px that the plot of spectra keeps

function render({model, el}) {
  const host = el.getRootNode().host
  const send = (action, values = {}) => model.send_msg({...values, do: action})
  const help = helpDialog(model)
  const lost = lostDialog()
  const theme = themes(host, (name) => send("theme", {name}))
  const canvas = h("div", {class: "canvas hp-canvas"}, model.get_child("canvas"))
  // The tool is in the hand at once (gestures.js): a stroke that follows on the heels of the click is not the last tool's.
  const take = (tool) => {
    within(canvas, ".hp-surface")?.dispatchEvent(new CustomEvent("hyperpoint-tool", {detail: tool}))
    send("show", {tool})
  }
  const spectrum = spectrumCard(model, send)
  const parts = {
    top: topBar(model, send, help.open, theme.turn), classes: classList(model, send), scenes: sceneList(model, send),
    tools: toolStrip(model, send, take), layers: layerStrip(model, send), quality: qualityCard(model, send),
    advice: suggestCard(model, send), recipe: recipeCard(model, send), out: exportCard(model, send),
    status: statusBar(model), banner: readOnlyBanner(model, send), stage: stage(model, canvas), spectrum,
  }
  const element = (name) => parts[name].element
  const rail = h("aside", {class: "rail right"}, ...["spectrum", "advice", "quality", "recipe", "out"].map(element))
  const page = h("div", {class: "page", tabindex: -1}, element("top"),
    h("aside", {class: "rail left"}, element("classes"), element("scenes")),
    h("main", {class: "centre"}, element("tools"), element("banner"), element("stage"), element("layers")),
    rail,
    element("status"), help.element, lost.element)
  page.append(tooltips(page))
  // A button that was clicked gives the keys back to the page: space then hides the overlay, and does not click again.
  page.addEventListener("click", (event) => { if (event.detail > 0) event.target.closest?.("button")?.blur() })

  // Which parts are drawn from which data.
  const drawn = {
    top: ["top", "banner", "stage"], classes: ["classes"], scenes: ["scenes"], tools: ["tools", "layers"],
    quality: ["quality"], advice: ["advice"], recipe: ["recipe"], out: ["out"], status: ["status", "stage"], curve: ["spectrum"],
  }
  for (const [data, names] of Object.entries(drawn)) {
    const update = () => names.forEach((name) => parts[name].update())
    model.on(data, update)
    update()
  }
  model.on("msg:custom", (message) => parts.scenes.hear(message))
  const cards = ["advice", "quality", "out", "recipe"].map((name) => parts[name].card)
  const stopFolding = foldingRail(rail, cards, spectrum.plot, LEAST_PLOT)
  const stopKeys = listenToKeys(model, host, send, {help: help.open}, () => help.element.open || lost.element.open)
  // Whoever reloads or closes the page lets go of the scene at once, so that the next page can edit it.
  const leave = () => { lost.stop(); send("leave") }
  const back = (event) => { if (event.persisted) location.reload() }
  addEventListener("pagehide", leave)
  addEventListener("pageshow", back)
  model.on("remove", () => { removeEventListener("pagehide", leave); removeEventListener("pageshow", back); stopKeys(); stopFolding(); lost.stop(); theme.stop(); parts.scenes.stop() })
  theme.apply()
  return page
}

function spectrumCard(model, send) {
  const normalised = segments("Scale", [["raw", "Raw", "Values as they are"], ["max", "Max = 1", "Each spectrum divided by its maximum"]],
    (value) => send("show", {normalised: value === "max"}))
  const {element, body} = card("Spectrum", normalised.box)
  const legend = h("p", {class: "legend muted"})
  element.classList.add("hp-spectrum")
  const plot = h("div", {class: "plot"}, model.get_child("spectrum"))
  body.append(plot, legend)
  const update = () => {
    normalised.choose(model.curve.normalised ? "max" : "raw")
    say(legend, model.curve.legend)
  }
  return {element, update, plot}
}

export default {render}
