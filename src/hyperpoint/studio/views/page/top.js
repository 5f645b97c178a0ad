function topBar(model, send, openHelp, turnTheme) {
  const title = h("span", {class: "scene-title"})
  const place = h("span", {class: "muted"})
  const back = iconButton("back", "Previous scene  ·  ,", () => send("scenes.step", {by: -1}))
  const next = iconButton("next", "Next scene  ·  .", () => send("scenes.step", {by: 1}))
  const done = h("button", {class: "button done", type: "button", onclick: () => send("scenes.done", {done: !model.top.done})},
    icon("check"), h("span", {}, "Done"))
  const undo = iconButton("undo", "Undo  ·  Ctrl+Z", () => send("points.undo"), "hp-undo")
  const redo = iconButton("redo", "Redo  ·  Ctrl+Shift+Z", () => send("points.redo"), "hp-redo")
  const saved = h("span", {class: "saved muted", "data-tip": "Every click is on disk before it is on the screen"})
  const theme = iconButton("theme", "Dark or light", turnTheme, "theme")
  const help = iconButton("help", "Keys and help  ·  ?", openHelp)
  const element = h("header", {class: "top"},
    h("span", {class: "brand"}, h("i", {class: "mark"}), "hyperpoint"),
    h("span", {class: "rule"}), back, next, title, place, done, h("span", {class: "grow"}),
    saved, undo, redo, h("span", {class: "rule"}), theme, help)
  const update = () => {
    const top = model.top
    say(title, top.scene || "No scene open")
    say(place, top.total > 1 && top.scene ? `${top.position} / ${top.total}` : "")
    show(back, top.total > 1)
    show(next, top.total > 1)
    show(done, Boolean(top.scene))
    done.disabled = !top.editable
    press(done, top.done)
    done.dataset.tip = top.done ? "This scene is done; click to go on with it" : "Mark this scene as done"
    undo.disabled = !top.editable || !top.canUndo
    redo.disabled = !top.editable || !top.canRedo
    say(saved, top.saved)
  }
  return {element, update}
}

// The theme is the page's own affair: the choice stays in this browser.
function themes(host, onchange) {
  const key = "hyperpoint-theme"
  const system = matchMedia("(prefers-color-scheme: light)")
  const read = () => { try { return localStorage.getItem(key) } catch { return null } }
  let chosen = read()
  const apply = () => {
    const theme = chosen || (system.matches ? "light" : "dark")
    host.dataset.theme = theme
    if (host.classList.contains("hp-alone")) document.documentElement.dataset.theme = theme
    onchange(theme)
  }
  system.addEventListener("change", apply)
  const turn = () => {
    const now = chosen || (system.matches ? "light" : "dark")
    chosen = now === "dark" ? "light" : "dark"
    try { localStorage.setItem(key, chosen) } catch { /* a private window forgets */ }
    apply()
  }
  return {apply, turn, stop: () => system.removeEventListener("change", apply)}
}
