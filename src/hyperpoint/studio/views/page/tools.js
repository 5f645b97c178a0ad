const TOOLS = [
  ["point", "Points: click to add, drag to move, click one and Delete to remove"],
  ["brush", "Brush: a stroke adds points of the active class along it"],
  ["correct", "Correct: paint pixels that no update overwrites; they are outlined and hatched"],
  ["erase", "Erase corrections, which are outlined and hatched: the points decide again"],
  ["rectangle", "White reference: draw a rectangle on the white panel"],
  ["swipe", "Swipe: do rgb image and cube lie on each other?"],
]

function toolStrip(model, send, take) {
  const buttons = new Map()
  const strip = h("div", {class: "strip-group", role: "group", "aria-label": "Tools"})
  for (const [name, title] of TOOLS) {
    const button = iconButton(name, title, () => {
      buttons.forEach((one, other) => press(one, other === name))
      take(name)
    }, `tool tool-${name}`)
    buttons.set(name, button)
    strip.append(button)
  }
  const radius = slider("size", {min: 1, max: 60, step: 1, words: (value) => `${value} px`, tip: "Brush size  ·  [  ]"},
    (value) => send("show", {radius: value}))
  const white = textButton("Remove white", "Remove the white reference: use the values as they are in the file", () => send("white.remove"))
  const fit = iconButton("fit", "Fit the scene into view  ·  f", () => send("fit"))
  const overlay = segments("Overlay", [["labels", "Labels", "Show the annotation  ·  Space hides it"],
    ["confidence", "Confidence", "Show how sure the annotation is"], ["none", "None", "Show the image alone"]],
  (value) => send("show", {overlay: value}))
  const opacity = slider("opacity", {min: 0, max: 1, step: 0.05, words: (value) => `${Math.round(100 * value)} %`},
    (value) => send("show", {opacity: value}))
  const borders = iconButton("borders", "Borders of the superpixels", () => send("show", {borders: !model.tools.borders}), "tool")
  const element = h("div", {class: "strip upper"}, strip, radius.box, white, h("span", {class: "grow"}),
    overlay.box, opacity.box, borders, h("span", {class: "rule"}), fit)
  const update = () => {
    const tools = model.tools
    buttons.forEach((button, name) => {
      press(button, name === tools.tool)
      button.disabled = !tools.hasScene || (!tools.editable && name !== "swipe" && name !== "point")
    })
    show(radius.box, ["correct", "erase"].includes(tools.tool))
    const removable = tools.hasWhite && tools.tool === "rectangle"
    show(white, removable)
    show(opacity.box, !removable) // both do not fit at 1280 px
    radius.set(tools.radius)
    overlay.choose(tools.hidden ? "none" : tools.overlay)
    opacity.set(tools.opacity)
    press(borders, tools.borders)
    element.classList.toggle("idle", !tools.hasScene)
  }
  return {element, update}
}

function layerStrip(model, send) {
  const layers = segments("Layer", [["rgb", "RGB", "The colour image"], ["band", "Band", "One band, grey"],
    ["bands", "Three bands", "Any three bands as red, green and blue"],
    ["false colour", "False colour", "The first three principal components of the cube"]],
  (value) => send("show", {layer: value}))
  const inWords = (band) => {
    const nm = model.tools.wavelengths?.[band]
    return nm == null ? `band ${band + 1}` : `${Math.round(nm)} nm`
  }
  const options = {min: 0, max: 1, step: 1, words: inWords}
  const band = slider("band", options, (value) => send("show", {band: value}))
  const three = ["R", "G", "B"].map((letter, at) => slider(letter, options, (value) => {
    const bands = [...model.tools.bands]
    bands[at] = value
    send("show", {bands})
  }))
  const stretch = slider("clip", {min: 0, max: 10, step: 0.5, words: (value) => `${value} %`,
    tip: "Contrast: the share of darkest and of brightest pixels that is clipped"}, (value) => send("show", {stretch: value}))
  const bandBox = h("div", {class: "strip-group wide"}, band.box)
  const threeBox = h("div", {class: "strip-group wide three"}, ...three.map(({box}) => box))
  const element = h("div", {class: "strip lower"}, layers.box, bandBox, threeBox, h("span", {class: "grow"}), stretch.box)
  const update = () => {
    const tools = model.tools
    for (const {range} of [band, ...three]) range.max = Math.max(1, tools.numBands - 1)
    layers.choose(tools.layer)
    show(bandBox, tools.layer === "band")
    show(threeBox, tools.layer === "bands")
    band.set(tools.band)
    three.forEach((one, at) => one.set(tools.bands[at]))
    stretch.set(tools.stretch)
    show(stretch.box, tools.layer !== "rgb")
    element.classList.toggle("idle", !tools.hasScene)
  }
  return {element, update}
}
