// Pixels that were corrected by hand: outlined and hatched, as wide on the screen at any zoom.

// Rows and columns, the ends not included, between which a mask marks something.
function bounds(mask, [height, width]) {
  let [top, bottom, left, right] = [height, 0, width, 0]
  for (let row = 0, at = 0; row < height; row++) {
    for (let col = 0; col < width; col++, at++) {
      if (mask[at] !== 0) {
        top = Math.min(top, row)
        bottom = row + 1
        left = Math.min(left, col)
        right = Math.max(right, col + 1)
      }
    }
  }
  return {top, bottom, left, right}
}

// Call write(from, to) for each run of positions that belong.
function runs(from, to, belongs, write) {
  let start = null
  for (let at = from; at <= to; at++) {
    if (at < to && belongs(at)) {
      start ??= at
    } else if (start != null) {
      write(start, at)
      start = null
    }
  }
}

// SVG paths, in pixels of the picture: the edges between what a mask marks and what not, and what it marks.
function regionPaths(mask, shape) {
  const [height, width] = shape
  const {top, bottom, left, right} = bounds(mask, shape)
  const isIn = (row, col) => row >= 0 && col >= 0 && row < height && col < width && mask[row * width + col] !== 0
  const outline = []
  const area = []
  for (let row = top; row <= bottom; row++) {
    runs(left, right, (col) => isIn(row, col) !== isIn(row - 1, col), (from, to) => outline.push(`M${from},${row}H${to}`))
    runs(left, right, (col) => isIn(row, col), (from, to) => area.push(`M${from},${row}H${to}v1H${from}Z`))
  }
  for (let col = left; col <= right; col++) {
    runs(top, bottom, (row) => isIn(row, col) !== isIn(row, col - 1), (from, to) => outline.push(`M${col},${from}V${to}`))
  }
  return {outline: outline.join(""), area: area.join("")}
}

// What a plane of bytes marks; `paths` is null where it marks nothing.
class Region {
  constructor(planes) {
    Object.assign(this, {planes, seen: null, paths: null})
  }

  update() {
    if (this.planes.data === this.seen) {
      return false
    }
    this.seen = this.planes.data
    const {plane} = this.seen
    this.paths = plane.length == 0 ? null : regionPaths(plane[0], plane[0].shape)
    return true
  }
}

// A region on a sheet, below all that is on it. Dark beside light shows on any background.
class RegionView {
  constructor(sheet) {
    const make = (tag, attributes, ...children) => {
      const element = document.createElementNS(SVG, tag)
      Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value))
      element.append(...children)
      return element
    }
    this.pattern = make("pattern", {id: "hp-hatching", patternUnits: "userSpaceOnUse", width: 12, height: 12},
      make("rect", {width: 2.5, height: 12, fill: "#000", "fill-opacity": 0.3}),
      make("rect", {x: 0.75, width: 1, height: 12, fill: "#fff", "fill-opacity": 0.5}))
    const line = {fill: "none", "vector-effect": "non-scaling-stroke", "stroke-linecap": "square"}
    this.area = make("path", {fill: "url(#hp-hatching)", "shape-rendering": "crispEdges"})
    this.outlines = [make("path", {...line, stroke: "#000", "stroke-width": 3.5, "stroke-opacity": 0.8}),
      make("path", {...line, stroke: "#fff", "stroke-width": 1.25})]
    this.group = make("g", {class: "hp-corrected"}, make("defs", {}, this.pattern), this.area, ...this.outlines)
    this.shown = null
    sheet.prepend(this.group)
  }

  show(paths, {left, top, scale}) {
    if (paths !== this.shown) {
      this.shown = paths
      this.area.setAttribute("d", paths?.area ?? "")
      this.outlines.forEach((outline) => outline.setAttribute("d", paths?.outline ?? ""))
    }
    if (paths != null) {
      this.group.setAttribute("transform", `translate(${-left * scale} ${-top * scale}) scale(${scale})`)
      this.pattern.setAttribute("patternTransform", `scale(${1 / scale}) rotate(45)`)
    }
  }
}
