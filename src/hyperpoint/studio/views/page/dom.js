// Elements and small widgets of the page. The files of this folder are joined into one module (views/page.py).

function h(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else if (name === "class") element.className = value
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child != null))
  return element
}

// Texts go in as text, never as HTML: a class may be called "<b>".
function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

// The first element below that matches, shadow roots included.
function within(root, selector) {
  const found = root.querySelector(selector)
  if (found) return found
  for (const element of root.querySelectorAll("*")) {
    const below = element.shadowRoot && within(element.shadowRoot, selector)
    if (below) return below
  }
  return null
}

function show(element, isShown) {
  element.hidden = !isShown
}

// What is being typed stays: the field takes a new value once it is left.
function fill(field, value) {
  if (field.getRootNode().activeElement !== field && field.value !== String(value)) field.value = value
}

function press(button, isOn) {
  button.setAttribute("aria-pressed", String(Boolean(isOn)))
}

function iconButton(name, title, onclick, more = "") {
  return h("button", {class: `icon ${more}`, type: "button", "data-tip": title, "aria-label": title.split("  ·  ")[0], onclick}, icon(name))
}

function textButton(text, title, onclick, more = "") {
  return h("button", {class: `button ${more}`, type: "button", "data-tip": title || null, onclick}, text)
}

// One of few, side by side.
function segments(label, choices, onchoose) {
  const buttons = new Map()
  const box = h("div", {class: "segments", role: "group", "aria-label": label})
  for (const [value, text, tip] of choices) {
    const button = h("button", {type: "button", "data-tip": tip || null, onclick: () => onchoose(value)}, text)
    buttons.set(value, button)
    box.append(button)
  }
  return {box, choose: (chosen) => buttons.forEach((button, value) => press(button, value === chosen))}
}

// A slider that tells while it is drawn, but not more often than the page can follow.
function slider(label, {min, max, step, words = String, tip = null}, onmove) {
  const text = h("output", {})
  const range = h("input", {type: "range", min, max, step, "aria-label": label, "data-tip": tip})
  let waiting = null
  range.addEventListener("input", () => {
    say(text, words(Number(range.value)))
    waiting ??= setTimeout(() => { waiting = null; onmove(Number(range.value)) }, 60)
  })
  const box = h("label", {class: "slider"}, h("span", {}, label), range, text)
  const set = (value) => {
    if (waiting === null && range.getRootNode().activeElement !== range) range.value = value
    say(text, words(Number(range.value)))
  }
  return {box, range, set}
}

function checkbox(text, tip, onchange) {
  const box = h("input", {type: "checkbox", onchange: () => onchange(box.checked)})
  const label = h("label", {class: "check", "data-tip": tip || null}, box, h("span", {}, text))
  return {label, box}
}

function chooser(label, onchange, more = "") {
  const select = h("select", {class: more, "aria-label": label, onchange: () => onchange(select.value)})
  let known = ""
  const offer = (options, chosen) => {
    const key = JSON.stringify(options)
    if (key !== known) {
      known = key
      select.replaceChildren(...options.map(([value, text]) => h("option", {value}, text)))
    }
    if (select.value !== chosen) select.value = chosen
  }
  return {select, offer}
}

// Rows that stay the same elements while their data changes, so that nothing flashes and no field loses its cursor.
function keyedRows(parent, create, update) {
  const rows = new Map()
  return (entries) => {
    const seen = new Set()
    entries.forEach((entry, position) => {
      let row = rows.get(entry.key)
      if (!row) rows.set(entry.key, row = create(entry))
      update(row, entry)
      if (parent.children[position] !== row.element) parent.insertBefore(row.element, parent.children[position] || null)
      seen.add(entry.key)
    })
    for (const [key, row] of rows) if (!seen.has(key)) { row.element.remove(); rows.delete(key) }
  }
}

// A menu in the top layer, below what opened it.
function openMenu(anchor, ...children) {
  const menu = h("div", {class: "menu", popover: "auto"}, ...children)
  anchor.getRootNode().querySelector(".page").append(menu)
  menu.addEventListener("toggle", (event) => { if (event.newState === "closed") menu.remove() })
  menu.showPopover()
  const [at, size] = [anchor.getBoundingClientRect(), menu.getBoundingClientRect()]
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`
  menu.style.top = `${at.bottom + size.height + 8 > innerHeight ? at.top - size.height - 4 : at.bottom + 4}px`
  menu.querySelector("input, select, button")?.focus()
  return () => menu.hidePopover()
}

function card(title, ...actions) {
  const body = h("div", {class: "card-body"})
  const head = h("header", {class: "card-head"}, h("h2", {}, title), h("span", {class: "grow"}), ...actions)
  return {element: h("section", {class: "card"}, head, body), head, body}
}

// A card whose title folds it: only its head stays.
function foldingCard(title, ...actions) {
  const name = h("button", {class: "fold", type: "button", "aria-expanded": "true"}, icon("fold"), title)
  const {element, head, body} = card("", ...actions)
  head.querySelector("h2").append(name)
  const room = h("div", {class: "card-room"}, body)
  element.append(room)
  const fold = (isFolded) => {
    room.classList.toggle("folded", isFolded)
    name.setAttribute("aria-expanded", String(!isFolded))
  }
  return {element, body, name, head, fold, isFolded: () => room.classList.contains("folded")}
}

// A rail that has no scroll bar: cards that do not fit are folded, last those that were opened last. Below them all
// lies what grows, no lower than `least`.
function foldingRail(element, cards, grown, least) {
  let order = [...cards]
  const [byHand, closed] = [new Set(), new Set()]
  const fit = () => {
    const heads = cards.reduce((sum, {head}) => sum + head.offsetHeight + 1, 0)
    const above = grown.parentElement.closest(".card").offsetHeight - grown.offsetHeight + least
    let room = element.clientHeight - heads - above
    for (const one of order) {
      const height = one.body.offsetHeight
      const isOpen = !closed.has(one) && (height <= room || byHand.has(one))
      room -= isOpen ? height : 0
      one.fold(!isOpen)
    }
    element.classList.toggle("crowded", room < 0) // only then a scroll bar, which takes width and so adds lines
  }
  for (const one of cards) {
    one.name.addEventListener("click", () => {
      byHand.clear() // of those opened by hand only the last is open whether it fits or not
      if (one.isFolded()) {
        order = [one, ...order.filter((other) => other !== one)]
        closed.delete(one)
        byHand.add(one)
      } else {
        closed.add(one)
      }
      fit()
    })
  }
  const observer = new ResizeObserver(fit)
  for (const watched of [element, ...cards.map(({body}) => body)]) observer.observe(watched)
  return () => observer.disconnect()
}

function percent(share) {
  return share == null ? "–" : `${(100 * share).toFixed(share > 0.995 || share < 0.0005 ? 0 : 1)} %`
}
