function statusBar(model) {
  const status = h("span", {class: "hp-status", role: "status"})
  const message = h("span", {class: "message", "aria-live": "polite"})
  const rule = h("span", {class: "rule"})
  const work = h("span", {class: "work-words"})
  const bar = h("i", {})
  const busy = h("span", {class: "busy"}, work, h("span", {class: "bar"}, bar))
  const element = h("footer", {class: "foot"}, status, rule, message, h("span", {class: "grow"}), busy)
  const update = () => {
    const state = model.status
    say(status, state.status)
    say(message, state.message)
    message.title = state.message
    show(rule, Boolean(state.message))
    show(busy, Boolean(state.work))
    say(work, state.work)
    busy.classList.toggle("endless", state.share == null)
    bar.style.width = state.share == null ? "" : `${100 * state.share}%`
  }
  return {element, update}
}

function readOnlyBanner(model, send) {
  const element = h("div", {class: "banner", role: "alert"}, icon("locked"),
    h("span", {}, "This scene is being edited in another tab. Here it can be looked at."),
    textButton("Take over", "What was done there is kept; editing stops there", () => send("scenes.take_over")))
  return {element, update: () => show(element, model.top.hasScene && !model.top.editable)}
}

// Once the server is gone nothing that is done here is kept: the page says so, and comes back when the server does.
function lostDialog() {
  const words = h("p", {class: "muted"}, "All that you saw as saved is safe. If it was stopped, start it again: this page then goes on by itself.")
  const dialog = h("dialog", {class: "help lost", role: "alertdialog", "aria-label": "Not connected", oncancel: (event) => event.preventDefault()},
    h("div", {class: "help-inner"}, h("h2", {}, "The studio does not answer"), words,
      h("div", {class: "inline end"}, textButton("Reload", "", () => location.reload(), "primary"))))
  let timer = null
  // A picture of the server's own, for asking for the page itself would open a scene.
  const look = () => fetch("favicon.ico", {cache: "no-store"}).then(() => location.reload(), () => { timer = setTimeout(look, 2000) })
  const open = () => {
    if (dialog.open || !dialog.isConnected) return
    dialog.showModal()
    timer = setTimeout(look, 2000)
  }
  addEventListener("hyperpoint-lost", open)
  return {element: dialog, stop: () => { clearTimeout(timer); removeEventListener("hyperpoint-lost", open) }}
}

function stage(model, canvas) {
  const title = h("h3", {})
  const words = h("p", {class: "muted"})
  const wait = h("i", {class: "spinner"})
  const cover = h("div", {class: "cover"}, wait, title, words)
  const hint = h("div", {class: "hint"})
  const element = h("div", {class: "stage"}, canvas, cover, hint)
  const update = () => {
    const {hasScene, hint: next} = model.top
    const {work, message} = model.status
    show(cover, !hasScene)
    show(wait, !hasScene && Boolean(work))
    say(title, work || (model.top.total ? "No scene is open" : "There is no scene here"))
    say(words, work ? "The first look at a large cube takes some seconds." : message || "Choose a scene on the left.")
    show(hint, hasScene && Boolean(next))
    say(hint, next || "")
  }
  return {element, update}
}
