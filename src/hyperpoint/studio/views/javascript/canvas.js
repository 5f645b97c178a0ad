// Brings what the models say and what is drawn together; called after every change of a model.

const HOVER_PAUSE = 25 // ms between two messages about the cursor
const MOST_ATTEMPTS = 100

class Canvas {
  constructor(args) {
    this.figure = args.figure
    this.state = args.state
    this.points = args.points
    this.viewport = new Viewport(this.figure, () => this.redraw())
    const layer = (name) => new Layer({
      planes: args[`${name}_planes`], palette: args[`${name}_palette`], image: args[`${name}_image`],
      renderer: args[`${name}_renderer`],
    })
    this.base = layer("base")
    this.overlays = {labels: layer("labels"), confidence: layer("confidence"), borders: layer("borders")}
    const side = (name) => new Layer({planes: args[`${name}_planes`], palette: {data: null}, image: args.base_image})
    this.swipe = new Swipe(side("left"), side("right"), this.base)
    this.corrected = new Region(args.corrected_planes)
    this.surfaces = new Map()
    this.drawn = 0
    this.frame = null
    this.waiting = []
    this.told = 0
    this.attempts = 0
    this.obeyed = 0
    this.hovering = {wanted: null, sent: null, at: -Infinity, heard: true, timer: null}
  }

  sync(index) {
    this.attach(index)
    this.updateSwipe()
    this.updateBase()
    this.updateOverlays()
    this.updateCorrected()
    this.updateTool()
    this.obey()
    this.answered()
    this.heard()
  }

  // A view is built anew when the page is laid out anew; it may not be known yet when its size is.
  attach(index) {
    const views = [...index.find(this.figure)]
    if (views.length == 0 && this.attempts < MOST_ATTEMPTS) {
      this.attempts += 1
      setTimeout(() => this.sync(index), 50)
    }
    for (const view of views) {
      const parent = view.canvas_view.shadow_el
      if (this.surfaces.get(view)?.el.parentNode !== parent) {
        const surface = new Surface(parent)
        this.surfaces.set(view, surface)
        new Gestures(this, surface)
      }
    }
    for (const view of this.surfaces.keys()) {
      if (!views.includes(view)) {
        this.surfaces.delete(view)
      }
    }
    const {inner_width, inner_height} = this.figure.attributes
    if (inner_width > 0 && inner_height > 0) {
      this.viewport.resize(inner_width, inner_height)
    }
    this.redraw()
  }

  updateBase() {
    if (this.base.shape != null) {
      this.viewport.setPicture(this.base.shape)
    }
    if (!this.swipe.active) {
      this.base.update()
    }
  }

  updateSwipe() {
    if (this.swipe.update()) {
      this.column = this.swipe.active ? this.swipe.left.shape[1] / 2 : null
      this.setDivider(this.column)
    }
  }

  updateOverlays() {
    const {state} = this
    const {labels, confidence, borders} = this.overlays
    if (labels.update()) {
      // The number says how often new labels have reached the screen.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        this.drawn += 1
        this.redraw()
      }))
    }
    confidence.update()
    borders.update()
    const look = (layer, alpha) => {
      layer.renderer.glyph.setv({global_alpha: alpha}, {sync: false})
      layer.renderer.setv({visible: state.overlay_visible && layer.shape != null}, {sync: false})
    }
    look(labels, state.opacity)
    look(confidence, state.opacity)
    look(borders, 1)
  }

  updateCorrected() {
    const isSeen = this.state.overlay_visible
    if (this.corrected.update() || isSeen !== this.seenCorrected) {
      this.seenCorrected = isSeen
      this.redraw()
    }
  }

  updateTool() {
    if (this.state.tool !== this.seenTool) {
      this.seenTool = this.state.tool
      this.setRectangle(null)
      this.each((surface) => {
        surface.cursor = this.state.tool == "swipe" ? "grab" : "crosshair"
        surface.clearRing("brush")
      })
    }
  }

  // Python's commands, each once and in order.
  obey() {
    for (const [number, name, ...values] of this.state.commands) {
      if (number > this.obeyed && this.viewport.ready) {
        this.obeyed = number
        this.viewport[name](...values)
      }
    }
  }

  each(action) {
    for (const surface of this.surfaces.values()) {
      action(surface)
    }
  }

  redraw() {
    const {viewport, frame, column} = this
    this.each((surface) => {
      if (frame != null) {
        surface.rectangle(viewport.toScreen(frame[0], frame[1]), viewport.toScreen(frame[2], frame[3]))
      } else {
        surface.clearRectangle()
      }
      if (column != null) {
        surface.divider(viewport.toScreen(0, column)[0], viewport.height / 2, viewport.height)
      } else {
        surface.clearDivider()
      }
      surface.region.show(this.state.overlay_visible ? this.corrected.paths : null, viewport)
      const {left, top, scale} = viewport
      Object.assign(surface.el.dataset, {left, top, scale, drawn: this.drawn})
    })
  }

  setRectangle(frame) {
    this.frame = frame
    this.redraw()
  }

  setDivider(column) {
    this.column = column == null ? null : Math.max(0, Math.min(this.swipe.left.shape[1], column))
    this.redraw()
    if (column != null && this.dividing == null) {
      this.dividing = requestAnimationFrame(() => {
        this.dividing = null
        if (this.swipe.active) {
          this.swipe.draw(this.column)
        }
      })
    }
  }

  nearDivider(sx, sy, reach) {
    return this.column != null && Math.abs(this.viewport.toScreen(0, this.column)[0] - sx) <= reach
  }

  // --- pixels and points

  pixelAt(sx, sy) {
    return this.viewport.toPicture(sx, sy).map(Math.floor)
  }

  clippedPixelAt(sx, sy) {
    const [row, col] = this.pixelAt(sx, sy)
    const {rows, cols} = this.viewport
    return [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(cols - 1, col))]
  }

  // The nearest point within reach; in view it lies at the centre of its pixel.
  pointAt(sx, sy, reach) {
    const {x, y, color} = this.points.data
    let [nearest, found] = [reach, null]
    for (let i = 0; i < x.length; i++) {
      const [px, py] = this.viewport.toScreen(y[i], x[i])
      const distance = Math.hypot(px - sx, py - sy)
      if (distance <= nearest) {
        nearest = distance
        found = {row: Math.floor(y[i]), col: Math.floor(x[i]), color: color[i]}
      }
    }
    return found
  }

  // --- messages to Python

  tell(name, ...values) {
    this.told += 1
    this.state.event = [this.told, name, ...values]
  }

  tellPixel(name, sx, sy) {
    const [row, col] = this.pixelAt(sx, sy)
    if (this.viewport.contains(row, col)) {
      this.tell(name, row, col)
    }
  }

  // What a gesture has drawn stays until Python's answer is drawn, or a stroke would flicker.
  untilAnswered(clear) {
    this.waiting.push({number: this.told, clear})
  }

  answered() {
    const done = this.waiting.filter(({number}) => number <= this.state.answered)
    this.waiting = this.waiting.filter(({number}) => number > this.state.answered)
    requestAnimationFrame(() => requestAnimationFrame(() => {
      for (const {clear} of done) {
        clear()
      }
    }))
  }

  // One message about the cursor at a time, the latest: a busy server is never behind the cursor.
  hover(sx, sy) {
    const [row, col] = this.pixelAt(sx, sy)
    this.wantHover(this.viewport.contains(row, col) ? [row, col] : [])
  }

  leave() {
    this.wantHover([])
  }

  wantHover(pixel) {
    this.hovering.wanted = String(pixel) === String(this.hovering.sent) ? null : pixel
    this.sendHover()
  }

  sendHover() {
    const {hovering} = this
    if (hovering.wanted == null || hovering.timer != null) {
      return
    }
    const pause = (hovering.heard ? HOVER_PAUSE : 500) - (performance.now() - hovering.at)
    if (pause > 0) {
      hovering.timer = setTimeout(() => {
        hovering.timer = null
        this.sendHover()
      }, hovering.heard ? pause : Math.min(pause, 20))
      return
    }
    this.told += 1
    Object.assign(hovering, {sent: hovering.wanted, wanted: null, at: performance.now(), heard: false})
    hovering.number = this.told
    this.state.hover = [this.told, ...hovering.sent]
  }

  heard() {
    if (this.state.heard >= this.hovering.number) {
      this.hovering.heard = true
      this.sendHover()
    }
  }
}

// Kept with the model: Bokeh may compile this module more than once when two changes come at the same time.
const CANVAS = Symbol.for("hyperpoint canvas")

export default function sync(args, _model, _data, context) {
  args.state[CANVAS] ??= new Canvas(args)
  args.state[CANVAS].sync(context.index)
}
