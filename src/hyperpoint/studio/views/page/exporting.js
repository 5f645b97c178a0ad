function exportCard(model, send) {
  const kinds = new Map()
  const start = () => {
    const chosen = [...kinds].filter(([, {box}]) => box.checked).map(([name]) => name)
    send("out.export", {kinds: chosen, all: which.select.value === "all", folder: folder.value})
  }
  const button = textButton("Export", "Write the chosen files", start, "hp-export")
  const folding = foldingCard("Export", button)
  const {element, body} = folding
  const boxes = h("div", {class: "kinds"})
  const which = chooser("Which scenes", () => {})
  const folder = h("input", {class: "field", spellcheck: "false", "aria-label": "Folder to write to", oninput: () => tellFolder()})
  const tellFolder = () => { folder.dataset.tip = `Writes to ${folder.value}` }
  const note = h("p", {class: "muted fine"})
  body.append(boxes, h("div", {class: "inline"}, which.select, folder), note)
  let isFilled = false
  const update = () => {
    const out = model.out
    if (kinds.size === 0) {
      for (const {name, title, tip, chosen} of out.kinds) {
        const one = checkbox(title, tip, () => {})
        one.box.checked = chosen
        kinds.set(name, one)
        boxes.append(one.label)
      }
    }
    which.offer([["this", "This scene"], ["all", `All ${out.numScenes} scenes`]].slice(0, out.numScenes > 1 ? 2 : 1),
      which.select.value || "this")
    if (!isFilled && out.folder) { folder.value = out.folder; isFilled = true; tellFolder() }
    button.disabled = !out.can
    say(note, out.note)
    show(note, Boolean(out.note))
  }
  return {element, update, card: folding}
}
