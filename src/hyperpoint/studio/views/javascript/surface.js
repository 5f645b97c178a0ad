// The transparent sheet over the figure: it takes the pointer's events and shows what only lasts for a gesture.

const SVG = "http://www.w3.org/2000/svg"
const EDGE = 1 // screen pixels around the frame in which the picture is drawn; canvas.py knows the same width
const SURFACE_STYLE = `position:absolute;inset:${EDGE}px;overflow:hidden;touch-action:none;outline:none;user-select:none`
const SHEET_STYLE = "position:absolute;inset:0;width:100%;height:100%;pointer-events:none"

class Surface {
  constructor(parent) {
    this.el = document.createElement("div")
    this.el.className = "hp-surface"
    this.el.style.cssText = SURFACE_STYLE
    this.el.tabIndex = 0
    this.el.setAttribute("role", "application")
    this.el.setAttribute("aria-label", "Scene")
    this.sheet = document.createElementNS(SVG, "svg")
    this.sheet.style.cssText = SHEET_STYLE
    this.el.append(this.sheet)
    parent.append(this.el)
    this.region = new RegionView(this.sheet)
    this.shapes = new Map()
  }

  set cursor(cursor) {
    this.el.style.cursor = cursor
  }

  // Shapes have a name: drawing again under the same name moves the shape.
  draw(name, tag, attributes) {
    let shape = this.shapes.get(name)
    if (shape == null) {
      shape = document.createElementNS(SVG, tag)
      this.sheet.append(shape)
      this.shapes.set(name, shape)
    }
    for (const [key, value] of Object.entries(attributes)) {
      shape.setAttribute(key, value)
    }
  }

  clear(...names) {
    for (const name of names) {
      this.shapes.get(name)?.remove()
      this.shapes.delete(name)
    }
  }

  words(name, x, y, anchor, text) {
    this.draw(name, "text", {
      x, y, fill: "#fff", stroke: "#000", "stroke-width": 3, "paint-order": "stroke", "text-anchor": anchor,
      style: "font: 600 13px system-ui, sans-serif",
    })
    this.shapes.get(name).textContent = text
  }

  // Black and white rings show on any background.
  ring(name, sx, sy, r, fill = "none") {
    const place = {cx: sx, cy: sy, r, fill: "none"}
    this.draw(`${name}-fill`, "circle", {...place, fill})
    this.draw(`${name}-dark`, "circle", {...place, stroke: "#000", "stroke-width": 3, "stroke-opacity": 0.65})
    this.draw(`${name}-light`, "circle", {...place, stroke: "#fff", "stroke-width": 1.25})
  }

  clearRing(name) {
    this.clear(`${name}-fill`, `${name}-dark`, `${name}-light`)
  }

  stroke(points, width, color) {
    const shape = {
      points: points.map((p) => p.join(",")).join(" "), fill: "none",
      "stroke-linecap": "round", "stroke-linejoin": "round",
    }
    this.draw("stroke-halo", "polyline", {...shape, stroke: "#000", "stroke-width": width + 2, "stroke-opacity": 0.25})
    this.draw("stroke", "polyline", {...shape, stroke: color, "stroke-width": width, "stroke-opacity": 0.65})
  }

  clearStroke() {
    this.clear("stroke-halo", "stroke")
  }

  rectangle([sx0, sy0], [sx1, sy1]) {
    const shape = {
      x: Math.min(sx0, sx1), y: Math.min(sy0, sy1), width: Math.abs(sx1 - sx0), height: Math.abs(sy1 - sy0),
    }
    this.draw("box-dark", "rect", {...shape, fill: "#fff", "fill-opacity": 0.12, stroke: "#000", "stroke-width": 3,
      "stroke-opacity": 0.6})
    this.draw("box-light", "rect", {...shape, fill: "none", stroke: "#fff", "stroke-width": 1.5,
      "stroke-dasharray": "6 4"})
  }

  clearRectangle() {
    this.clear("box-dark", "box-light")
  }

  divider(sx, sy, height) {
    const line = {x1: sx, x2: sx, y1: 0, y2: height}
    this.draw("divider-dark", "line", {...line, stroke: "#000", "stroke-width": 4, "stroke-opacity": 0.5})
    this.draw("divider-light", "line", {...line, stroke: "#fff", "stroke-width": 2})
    this.draw("divider-knob", "circle", {cx: sx, cy: sy, r: 15, fill: "#fff", stroke: "#000", "stroke-opacity": 0.5})
    const arrows = `M${sx - 4},${sy - 5}l-5,5l5,5M${sx + 4},${sy - 5}l5,5l-5,5`
    this.draw("divider-arrows", "path", {d: arrows, fill: "none", stroke: "#222", "stroke-width": 2})
    this.words("divider-left", sx - 12, 24, "end", "rgb image")
    this.words("divider-right", sx + 12, 24, "start", "cube")
  }

  clearDivider() {
    this.clear("divider-dark", "divider-light", "divider-knob", "divider-arrows", "divider-left", "divider-right")
  }
}
