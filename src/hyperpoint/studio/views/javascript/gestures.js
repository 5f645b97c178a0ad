// What the pointer does, in each tool. A gesture is an object with move(event) and end(event), or cancel().

const REACH = 8 // screen pixels within which a point is under the cursor
const STILL = 4 // screen pixels that a click may move
const DIVIDER_REACH = 18
const PAINTING = ["brush", "correct", "erase"]

const place = (event) => [event.offsetX, event.offsetY]

class Gestures {
  constructor(canvas, surface) {
    Object.assign(this, {canvas, surface, current: null, pointer: null})
    const listen = (name, handler, options) => surface.el.addEventListener(name, handler.bind(this), options)
    listen("pointerdown", this.down)
    listen("pointermove", this.move)
    listen("pointerup", this.up)
    listen("pointercancel", this.cancel)
    listen("pointerleave", this.leave)
    listen("wheel", this.wheel, {passive: false})
    listen("auxclick", (event) => event.preventDefault())
    listen("hyperpoint-tool", (event) => { this.canvas.state.tool = event.detail })
    this.escape = (event) => event.key == "Escape" && this.cancel()
  }

  get tool() {
    return this.canvas.state.tool
  }

  down(event) {
    if (this.current != null || event.button > 1 || !this.canvas.viewport.ready) {
      return
    }
    event.preventDefault() // no autoscroll with the middle button, no selection of text
    this.surface.el.focus({preventScroll: true})
    this.surface.el.setPointerCapture(event.pointerId)
    this.current = this.begin(event)
    window.addEventListener("keydown", this.escape, true)
  }

  begin(event) {
    const panning = event.button == 1 || event.altKey || event.ctrlKey || event.metaKey
    if (panning) {
      return this.pan(place(event))
    }
    if (PAINTING.includes(this.tool)) {
      return this.paint(event)
    }
    if (this.tool == "rectangle") {
      return this.frame(event)
    }
    if (this.tool == "swipe") {
      return this.canvas.nearDivider(...place(event), DIVIDER_REACH) ? this.slide() : this.pan(place(event))
    }
    return this.clickOrDrag(event)
  }

  move(event) {
    this.pointer = place(event)
    this.current?.move(event)
    this.canvas.hover(...this.pointer)
    this.showCursor(event)
  }

  up(event) {
    const gesture = this.finish()
    gesture?.end(event)
    this.showCursor(event)
  }

  cancel() {
    this.finish()?.cancel?.()
  }

  finish() {
    const gesture = this.current
    this.current = null
    window.removeEventListener("keydown", this.escape, true)
    return gesture
  }

  leave() {
    this.pointer = null
    this.surface.clearRing("brush")
    this.canvas.leave()
  }

  wheel(event) {
    event.preventDefault()
    const lines = event.deltaMode == 0 ? 1 : 24 // some browsers count lines, not pixels
    const delta = Math.max(-200, Math.min(200, event.deltaY * lines))
    const speed = event.ctrlKey ? 0.01 : 0.002 // pinching on a touchpad comes as small steps with Ctrl
    this.canvas.viewport.zoomAt(...place(event), Math.exp(-delta * speed))
    this.showCursor(event)
  }

  // --- gestures

  pan(start) {
    const {viewport} = this.canvas
    let last = start
    return {
      cursor: "grabbing",
      move: (event) => {
        const now = place(event)
        viewport.panBy(now[0] - last[0], now[1] - last[1])
        last = now
      },
      end: () => {},
    }
  }

  clickOrDrag(event) {
    const start = place(event)
    const hit = this.canvas.pointAt(...start, REACH)
    let drag = null
    return {
      get cursor() {
        return drag?.cursor
      },
      move: (event) => {
        const [sx, sy] = place(event)
        if (drag == null && Math.hypot(sx - start[0], sy - start[1]) > STILL) {
          drag = hit == null ? this.pan(start) : this.carry(hit)
        }
        drag?.move(event)
      },
      end: (event) => {
        if (drag != null) {
          drag.end(event)
        } else if (hit != null) {
          this.canvas.tell("select", hit.row, hit.col)
        } else {
          this.canvas.tellPixel("tap", ...start)
        }
      },
      cancel: () => drag?.cancel?.(),
    }
  }

  carry(hit) {
    const {canvas, surface} = this
    const clear = () => surface.clearRing("ghost")
    return {
      cursor: "grabbing",
      move: (event) => surface.ring("ghost", ...place(event), 7, hit.color),
      end: (event) => {
        const [row, col] = canvas.pixelAt(...place(event))
        if (canvas.viewport.contains(row, col) && (row !== hit.row || col !== hit.col)) {
          canvas.tell("move", hit.row, hit.col, row, col)
          canvas.untilAnswered(clear)
        } else {
          clear()
        }
      },
      cancel: clear,
    }
  }

  paint(event) {
    const {canvas, surface} = this
    const {viewport, state} = canvas
    const path = []
    const add = (event) => {
      const samples = event.getCoalescedEvents?.() ?? []
      for (const sample of samples.length > 0 ? samples : [event]) {
        path.push(viewport.toPicture(...place(sample)))
      }
      const width = this.tool == "brush" ? 5 : (2 * state.brush_radius + 1) * viewport.scale
      const points = path.map((at) => viewport.toScreen(...at))
      const color = this.tool == "erase" ? "#ffffff" : state.brush_color
      surface.stroke(points.length == 1 ? [points[0], points[0]] : points, width, color)
    }
    const clear = () => this.current == null && surface.clearStroke() // the next stroke may have begun
    add(event)
    return {
      move: add,
      end: () => {
        const whole = path.map((at) => at.map(Math.floor))
        const kept = whole.filter(([row, col], i) => i == 0 || row !== whole[i - 1][0] || col !== whole[i - 1][1])
        canvas.tell(this.tool, kept.map(([row]) => row), kept.map(([, col]) => col))
        canvas.untilAnswered(clear)
      },
      cancel: clear,
    }
  }

  frame(event) {
    const {canvas} = this
    const first = canvas.clippedPixelAt(...place(event))
    const show = (event) => {
      const second = canvas.clippedPixelAt(...place(event))
      canvas.setRectangle([
        Math.min(first[0], second[0]), Math.min(first[1], second[1]),
        Math.max(first[0], second[0]) + 1, Math.max(first[1], second[1]) + 1,
      ])
    }
    return {
      move: show,
      end: () => canvas.frame != null && canvas.tell("rectangle", ...canvas.frame),
      cancel: () => canvas.setRectangle(null),
    }
  }

  slide() {
    const {canvas} = this
    return {
      cursor: "ew-resize",
      move: (event) => canvas.setDivider(canvas.viewport.toPicture(...place(event))[1]),
      end: () => {},
    }
  }

  // --- cursor

  showCursor(event) {
    if (this.pointer == null) {
      return
    }
    const {state, viewport} = this.canvas
    const [sx, sy] = this.pointer
    const radius = (state.brush_radius + 0.5) * viewport.scale
    const ringed = (this.tool == "correct" || this.tool == "erase") && radius > 3 && this.current?.cursor == null
    if (ringed) {
      this.surface.ring("brush", sx, sy, radius)
    } else {
      this.surface.clearRing("brush")
    }
    this.surface.cursor = this.current?.cursor ?? this.idleCursor(sx, sy, event)
  }

  idleCursor(sx, sy, event) {
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return "grab"
    }
    if (this.tool == "swipe") {
      return this.canvas.nearDivider(sx, sy, DIVIDER_REACH) ? "ew-resize" : "grab"
    }
    if (this.tool == "point" && this.canvas.pointAt(sx, sy, REACH) != null) {
      return "pointer"
    }
    return "crosshair"
  }
}
