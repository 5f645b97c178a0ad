function classList(model, send) {
  const list = h("div", {class: "class-rows", role: "list"})
  const add = iconButton("plus", "Add a class", () => send("classes.add"))
  const more = iconButton("more", "Presets, points of a file", () => moreMenu(more))
  const empty = h("div", {class: "empty"},
    h("p", {}, "No classes yet."),
    h("p", {class: "muted"}, "Add one, or begin with a set that is ready."))
  const starts = h("div", {class: "starts"})
  empty.append(starts)
  const rest = h("div", {class: "unlabelled muted"})
  const head = h("header", {class: "rail-head"}, h("h2", {}, "Classes"), h("span", {class: "grow"}), add, more)
  const element = h("section", {class: "hp-classes classes"}, head, list, empty, rest)
  const draw = keyedRows(list, (entry) => classRow(model, send, entry), updateClass)
  let offered = ""

  const startButtons = () => {
    const {presets, fromPrevious} = model.classes
    const key = JSON.stringify([presets, fromPrevious])
    if (key === offered) return
    offered = key
    starts.replaceChildren(
      textButton("Add a class", "", () => send("classes.add"), "primary"),
      ...presets.map((preset) => textButton(preset.title, preset.tip, () => send("classes.preset", {name: preset.name}))),
      ...(fromPrevious ? [textButton("As in the previous scene", "Its classes, and its spectra to help",
        () => send("classes.previous"))] : []))
  }

  const moreMenu = (anchor) => {
    const path = h("input", {class: "field", placeholder: "points.csv", "aria-label": "File of points"})
    const close = openMenu(anchor,
      h("div", {class: "menu-title"}, "Begin with"),
      ...model.classes.presets.map((preset) => h("button", {class: "menu-item", type: "button",
        disabled: !model.classes.canTake, onclick: () => { close(); send("classes.preset", {name: preset.name}) }}, preset.title)),
      model.classes.fromPrevious ? h("button", {class: "menu-item", type: "button",
        onclick: () => { close(); send("classes.previous") }}, "Previous scene: classes and spectra") : null,
      model.classes.canTake ? null : h("p", {class: "muted note"}, "A preset can be taken while no class has points."),
      h("div", {class: "menu-title"}, "Import points"),
      h("form", {class: "inline", onsubmit: (event) => {
        event.preventDefault(); close(); send("points.import", {path: path.value})
      }}, path, h("button", {class: "button", type: "submit"}, "Import")))
  }

  const update = () => {
    const {rows, editable, hasScene, unlabelled} = model.classes
    draw(rows)
    startButtons()
    show(empty, hasScene && editable && rows.length === 0)
    add.disabled = more.disabled = !editable
    element.classList.toggle("frozen", !editable)
    say(rest, rows.length && unlabelled ? `unlabelled ${percent(unlabelled)}` : "")
  }
  return {element, update}
}

function classRow(model, send, entry) {
  const key = entry.key
  const chip = h("input", {type: "color", "aria-label": "Colour", "data-tip": "Change the colour",
    onchange: () => send("classes.recolour", {id: key, color: chip.value})})
  // A click chooses the class and leaves the keys to the page; a double click renames it.
  const name = h("input", {class: "name", spellcheck: "false", "aria-label": "Name of the class", maxlength: 60, readonly: true,
    onmousedown: (event) => { if (name.readOnly) { event.preventDefault(); send("classes.choose", {id: key}) } },
    ondblclick: () => rename(),
    onkeydown: (event) => {
      if (event.key === "Enter") name.readOnly ? rename() : name.blur()
      if (event.key === "Escape") { name.value = row.name; name.blur() }
    },
    onblur: () => {
      name.readOnly = true
      const text = name.value.trim()
      name.value = row.name // until the new name comes back: it may be refused
      if (text && text !== row.name) send("classes.rename", {id: key, name: text})
    }})
  const rename = () => { if (row.editable) { name.readOnly = false; name.focus(); name.select() } }
  const digit = h("kbd", {})
  const points = h("span", {class: "count", "data-tip": "Points"})
  const pixels = h("span", {class: "count pixels", "data-tip": "Labelled pixels"})
  const lock = iconButton("open", "Lock", () => send("classes.lock", {id: key, locked: !row.locked}), "small lock")
  const menu = iconButton("more", "Merge", () => classMenu(menu, model, send, row), "small")
  const bar = h("i", {class: "share"})
  const element = h("div", {class: "class-row", role: "listitem", onclick: (event) => {
    if (!event.target.closest("button, input")) send("classes.choose", {id: key})
  }}, h("span", {class: "chip"}, chip), name, digit, points, pixels, lock, menu, bar)
  const row = {element, chip, name: "", field: name, digit, points, pixels, lock, bar, key, locked: false, editable: false}
  return row
}

function updateClass(row, entry) {
  row.name = entry.name
  row.locked = entry.locked
  fill(row.field, entry.name)
  row.field.dataset.tip = `${entry.name}: click to choose${entry.editable ? ", double-click to rename" : ""}`
  fill(row.chip, entry.color)
  row.chip.parentElement.style.background = entry.color
  row.element.style.setProperty("--class", entry.color)
  row.element.classList.toggle("active", entry.active)
  row.element.classList.toggle("locked", entry.locked)
  row.element.setAttribute("aria-current", entry.active ? "true" : "false")
  say(row.digit, entry.digit || "")
  say(row.points, String(entry.points))
  say(row.pixels, entry.share == null ? "" : percent(entry.share))
  row.pixels.dataset.tip = `${entry.pixels} labelled pixels`
  row.lock.dataset.tip = entry.locked ? "Locked: its points stay as they are; click to unlock" : "Lock: keep its points as they are"
  row.editable = entry.editable
  row.chip.disabled = !entry.editable
  row.bar.style.width = `${100 * (entry.share || 0)}%`
  swapIcon(row.lock, entry.locked ? "locked" : "open")
}

function classMenu(anchor, model, send, row) {
  const others = model.classes.rows.filter((entry) => entry.key !== row.key)
  const close = openMenu(anchor,
    h("div", {class: "menu-title"}, `Merge “${row.name}” into`),
    ...others.map((entry) => h("button", {class: "menu-item", type: "button",
      onclick: () => { close(); send("classes.merge", {source: row.key, target: entry.key}) }},
    h("i", {class: "dot", style: `background:${entry.color}`}), entry.name)),
    others.length ? null : h("p", {class: "muted note"}, "There is no other class yet."))
}
