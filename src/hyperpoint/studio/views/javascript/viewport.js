// What part of the picture is seen: a centre (in pixels of the picture) and a scale (screen pixels a pixel).
// One scale for both axes keeps pixels square whatever the size of the window.

const LARGEST_SCALE = 80
const MARGIN = 0.98 // of the window that a fitted picture fills

class Viewport {
  constructor(figure, moved) {
    Object.assign(this, {figure, moved, width: 0, height: 0, rows: 0, cols: 0, row: 0, col: 0, scale: 1, fitted: true})
  }

  get ready() {
    return this.width > 0 && this.height > 0 && this.rows > 0
  }

  get fittingScale() {
    return MARGIN * Math.min(this.width / this.cols, this.height / this.rows)
  }

  resize(width, height) {
    if (width !== this.width || height !== this.height) {
      Object.assign(this, {width, height})
      this.fitted ? this.fit() : this.apply()
    }
  }

  setPicture([rows, cols]) {
    if (rows !== this.rows || cols !== this.cols) {
      Object.assign(this, {rows, cols})
      this.fit()
    }
  }

  fit() {
    this.fitted = true
    if (this.ready) {
      Object.assign(this, {scale: this.fittingScale, row: this.rows / 2, col: this.cols / 2})
      this.apply()
    }
  }

  zoomAt(sx, sy, factor) {
    if (!this.ready) {
      return
    }
    const [row, col] = this.toPicture(sx, sy)
    const smallest = Math.min(this.fittingScale, 1) / 2
    this.scale = Math.max(smallest, Math.min(LARGEST_SCALE, this.scale * factor))
    this.row = row - (sy - this.height / 2) / this.scale
    this.col = col - (sx - this.width / 2) / this.scale
    this.fitted = false
    this.apply()
  }

  zoom(factor) {
    this.zoomAt(this.width / 2, this.height / 2, factor)
  }

  panBy(dx, dy) {
    this.centre(this.row - dy / this.scale, this.col - dx / this.scale)
  }

  centre(row, col) {
    Object.assign(this, {row, col, fitted: false})
    this.apply()
  }

  // Moves only as far as needed: what is well in view stays where it is.
  reveal(row, col) {
    const [sx, sy] = this.toScreen(row, col)
    const isSeen = (at, size) => at > 0.08 * size && at < 0.92 * size
    if (this.ready && !(isSeen(sx, this.width) && isSeen(sy, this.height))) {
      this.centre(row, col)
    }
  }

  apply() {
    if (!this.ready) {
      return
    }
    this.row = Math.max(0, Math.min(this.rows, this.row))
    this.col = Math.max(0, Math.min(this.cols, this.col))
    // The corner lies on a whole pixel of the screen, or pixels of the picture would be unequally wide at 1:1.
    const ratio = window.devicePixelRatio || 1
    const whole = (value) => Math.round(value * this.scale * ratio) / (this.scale * ratio)
    this.left = whole(this.col - this.width / 2 / this.scale)
    this.top = whole(this.row - this.height / 2 / this.scale)
    const half = 0.5 / this.scale // Bokeh draws everything half a pixel down and to the right
    const [left, top] = [this.left + half, this.top + half]
    const {x_range, y_range} = this.figure
    x_range.setv({start: left, end: left + this.width / this.scale}, {sync: false})
    y_range.setv({start: top + this.height / this.scale, end: top}, {sync: false})
    this.moved()
  }

  toPicture(sx, sy) {
    return [this.top + sy / this.scale, this.left + sx / this.scale]
  }

  toScreen(row, col) {
    return [(col - this.left) * this.scale, (row - this.top) * this.scale]
  }

  contains(row, col) {
    return row >= 0 && col >= 0 && row < this.rows && col < this.cols
  }
}
