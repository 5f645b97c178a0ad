function qualityCard(model, send) {
  const folding = foldingCard("Quality")
  const {element, body} = folding
  const tile = (title, tip) => {
    const value = h("b", {})
    return {value, box: h("div", {class: "tile", "data-tip": tip}, value, h("span", {}, title))}
  }
  const coverage = tile("coverage", "Share of the pixels that bear a label")
  const accuracy = tile("cross-validated", "Accuracy over the points: each predicted from the others")
  const time = tile("last update", "From the click to the new annotation")
  const uncertain = h("ul", {class: "uncertain"})
  const suspects = h("button", {class: "line warn", type: "button", onclick: () => send("advice.suspect")}, icon("warning"), h("span", {}))
  const score = checkbox("Score against the truth", "The mask that lies beside the scene. For trying things out: it is never used to annotate",
    (checked) => send("show", {show_score: checked}))
  const scored = h("p", {class: "scored"})
  const empty = h("p", {class: "muted"}, "Appears with the first annotation.")
  const tiles = h("div", {class: "tiles"}, coverage.box, accuracy.box, time.box)
  body.append(tiles, uncertain, suspects, score.label, scored, empty)
  const update = () => {
    const quality = model.quality
    show(tiles, quality.has)
    show(empty, !quality.has)
    say(coverage.value, percent(quality.coverage))
    say(accuracy.value, percent(quality.accuracy))
    say(time.value, quality.seconds == null ? "–" : `${quality.seconds.toFixed(2)} s`)
    uncertain.replaceChildren(...quality.uncertain.map(({name, color, share}) => h("li", {},
      h("i", {class: "dot", style: `background:${color}`}), h("span", {class: "grow"}, name),
      h("span", {class: "muted"}, `${percent(share)} uncertain`))))
    show(uncertain, quality.uncertain.length > 0)
    show(suspects, quality.numSuspects > 0)
    say(suspects.lastChild, quality.numSuspects === 1 ? "1 point contradicts the others: a misclick?"
      : `${quality.numSuspects} points contradict the others: misclicks?`)
    show(score.label, quality.has && quality.hasTruth)
    score.box.checked = quality.showScore
    show(scored, quality.has && quality.hasTruth && quality.showScore)
    say(scored, quality.score || "")
  }
  return {element, update, card: folding}
}

function suggestCard(model, send) {
  const button = textButton("Suggest", "Mark the five most useful next points", () => send("advice.suggest"), "hp-suggest primary")
  const folding = foldingCard("Next points", button)
  const {element, body} = folding
  const list = h("ol", {class: "suggestions"})
  const empty = h("p", {class: "muted"})
  body.append(list, empty)
  const draw = keyedRows(list, (entry) => {
    const [number, reason] = [h("b", {}), h("span", {})]
    const line = h("button", {class: "line", type: "button", onclick: () => send("advice.go", {position: entry.key})}, number, reason)
    return {element: h("li", {}, line), number, reason}
  }, (row, entry) => {
    say(row.number, String(entry.key + 1))
    say(row.reason, entry.reason)
    row.element.classList.toggle("active", entry.active)
  })
  const update = () => {
    const {rows, can, hint} = model.advice
    draw(rows)
    button.disabled = !can
    show(list, rows.length > 0)
    show(empty, rows.length === 0)
    say(empty, hint)
  }
  return {element, update, card: folding}
}

function recipeCard(model, send) {
  const recipes = chooser("Recipe", (name) => send("recipe.choose", {name}))
  const folding = foldingCard("Recipe", recipes.select)
  const {element, body} = folding
  const leave = () => send("recipe.doubts", {min_confidence: Number(least.range.value) / 100, reject: reject.box.checked})
  const least = slider("Leave out below", {min: 0, max: 99, step: 1, words: (value) => value ? `${value} %` : "off",
    tip: "Pixels whose confidence is lower stay unlabelled"}, leave)
  const reject = checkbox("Leave out what is like no point", "Pixels unlike every labelled spectrum stay unlabelled", leave)
  body.append(least.box, reject.label)
  const update = () => {
    const recipe = model.recipe
    least.set(Math.round(100 * recipe.minConfidence))
    reject.box.checked = recipe.reject
    show(reject.label, recipe.canReject)
    least.range.disabled = reject.box.disabled = !recipe.editable
    recipes.offer(recipe.names, recipe.chosen)
    recipes.select.disabled = !recipe.editable
    recipes.select.dataset.tip = recipe.about
  }
  return {element, update, card: folding}
}
