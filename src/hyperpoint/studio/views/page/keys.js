// Which keys there are is said in views/keys.py; what is typed into a field is nobody else's.

function isTyping(event) {
  const target = event.composedPath()[0]
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "color"].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
}

function combination(event) {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key
  const shift = event.shiftKey && /^[a-z]$/.test(key) ? "Shift+" : ""
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${shift}${key}`
}

function listenToKeys(model, host, send, local, isCovered) {
  const isOurs = (event) => host.classList.contains("hp-alone") || event.composedPath().includes(host)
  const listen = (event) => {
    if (!isOurs(event) || isTyping(event) || event.altKey) return
    const target = event.composedPath()[0]
    if (target instanceof HTMLInputElement && event.key.startsWith("Arrow")) return
    if (target instanceof HTMLButtonElement && event.key === " ") return
    const bound = model.keys.find(({keys}) => keys.includes(combination(event)))
    if (!bound) return
    if (isCovered() && !(bound.action in local)) return
    event.preventDefault()
    if (bound.action in local) local[bound.action]()
    else send(bound.action, bound.values)
  }
  document.addEventListener("keydown", listen)
  return () => document.removeEventListener("keydown", listen)
}

function helpDialog(model) {
  const rows = () => model.keys.filter(({help}) => help).map(({shown, help}) =>
    [h("dt", {}, ...shown.map((key) => key === "–" ? key : h("kbd", {}, key))), h("dd", {}, help)]).flat()
  const list = h("dl", {class: "key-list"})
  const dialog = h("dialog", {class: "help", "aria-label": "Help", onclick: (event) => { if (event.target === dialog) dialog.close() }},
    h("div", {class: "help-inner"},
      h("h2", {}, "From points to a label for every pixel"),
      h("ol", {},
        h("li", {}, "Choose or add a class on the left."),
        h("li", {}, "Click a pixel that belongs to it. With points of two classes the scene labels itself, anew at every click."),
        h("li", {}, "Let it suggest where to click next, or correct what you see: corrected pixels are outlined and hatched."),
        h("li", {}, "Mark the scene as done, go to the next one, and export.")),
      h("h2", {}, "Keys"), list,
      h("p", {class: "muted"}, "Wheel: zoom.  Drag on the image: pan.  Everything is saved as you go."),
      h("div", {class: "inline end"}, textButton("Close", "", () => dialog.close(), "primary"))))
  const open = () => {
    if (dialog.open) { dialog.close(); return }
    list.replaceChildren(...rows())
    dialog.showModal()
  }
  return {element: dialog, open}
}

// Titles come after a moment, beside what they explain, also where a button is disabled.
function tooltips(root) {
  const tip = h("div", {class: "tip", popover: "manual", role: "tooltip"})
  let [timer, target] = [null, null]
  const hide = () => { clearTimeout(timer); target = null; if (tip.matches(":popover-open")) tip.hidePopover() }
  const open = () => {
    if (!target?.isConnected) return
    tip.replaceChildren(...target.dataset.tip.split("  ·  ").map((part, at) => h(at ? "kbd" : "span", {}, part)))
    tip.showPopover()
    const [at, size] = [target.getBoundingClientRect(), tip.getBoundingClientRect()]
    tip.style.left = `${Math.max(6, Math.min(at.left + at.width / 2 - size.width / 2, innerWidth - size.width - 6))}px`
    tip.style.top = `${at.bottom + size.height + 10 > innerHeight ? at.top - size.height - 6 : at.bottom + 6}px`
  }
  root.addEventListener("pointerover", (event) => {
    const over = event.target.closest?.("[data-tip]")
    if (over === target) return
    hide()
    if (over) { target = over; timer = setTimeout(open, 450) }
  })
  for (const name of ["pointerleave", "pointerdown", "wheel"]) root.addEventListener(name, hide, {passive: true})
  return tip
}
