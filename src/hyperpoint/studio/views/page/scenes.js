function sceneList(model, send) {
  const list = h("div", {class: "scene-rows", role: "list"})
  const count = h("span", {class: "muted"})
  const element = h("section", {class: "hp-scenes scenes"},
    h("header", {class: "rail-head"}, h("h2", {}, "Scenes"), h("span", {class: "grow"}), count), list)
  const seen = new IntersectionObserver((changes) => {
    for (const {target, isIntersecting} of changes) {
      if (!isIntersecting) continue
      seen.unobserve(target)
      send("scenes.thumbnail", {key: target.dataset.key})
    }
  }, {root: list, rootMargin: "120px"})
  const pictures = new Map()
  const draw = keyedRows(list, (entry) => {
    const picture = h("img", {alt: "", "data-key": entry.key})
    const title = h("span", {class: "title"})
    const state = h("span", {class: "state"})
    const button = h("button", {class: "scene-row", type: "button", onclick: () => send("scenes.open", {key: entry.key})},
      h("span", {class: "thumb"}, picture), h("span", {class: "lines"}, title, state))
    pictures.set(entry.key, picture)
    seen.observe(picture)
    return {element: button, title, state}
  }, (row, entry) => {
    say(row.title, entry.title)
    say(row.state, entry.state)
    row.element.dataset.state = entry.state
    if (entry.current && !row.element.classList.contains("active")) row.element.scrollIntoView({block: "nearest"})
    row.element.classList.toggle("active", entry.current)
    row.element.setAttribute("aria-current", String(entry.current))
  })
  const update = () => {
    draw(model.scenes.rows)
    const done = model.scenes.rows.filter((row) => row.state === "done").length
    say(count, `${done} of ${model.scenes.rows.length} done`)
  }
  const hear = ({thumbnail, picture}) => { if (thumbnail && pictures.has(thumbnail)) pictures.get(thumbnail).src = picture }
  return {element, update, hear, stop: () => seen.disconnect()}
}
