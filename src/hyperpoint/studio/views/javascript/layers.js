// Pictures: planes of bytes become the 32-bit images that Bokeh draws. Only bytes come over the wire.

function fillRgb(pixels, [red, green, blue]) {
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = 0xff000000 | (blue[i] << 16) | (green[i] << 8) | red[i]
  }
}

function fillIndexed(pixels, plane, palette) {
  const colors = new Uint32Array(Uint8Array.from(palette).buffer) // 256 times r, g, b, alpha
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = colors[plane[i]]
  }
}

// One image of the figure: `planes` holds none, one (looked up in `palette`) or three planes.
class Layer {
  constructor({planes, palette, image, renderer}) {
    Object.assign(this, {planes, palette, image, renderer})
    this.Image = image.data.image[0].constructor // Bokeh's own uint32 array, which knows its shape
    this.seen = []
  }

  get shape() {
    const {plane} = this.planes.data
    return plane.length == 0 ? null : plane[0].shape
  }

  changed() {
    const now = [this.planes.data, this.palette.data]
    const changed = now.some((data, i) => data !== this.seen[i])
    this.seen = now
    return changed
  }

  pixels() {
    const {plane} = this.planes.data
    if (this.filled?.length !== plane[0].length) {
      this.filled = new Uint32Array(plane[0].length)
    }
    if (plane.length == 3) {
      fillRgb(this.filled, plane)
    } else {
      fillIndexed(this.filled, plane[0], this.palette.data.plane[0])
    }
    return this.filled
  }

  update() {
    if (!this.changed()) {
      return false
    }
    if (this.shape == null) {
      this.show(new Uint32Array(1), [1, 1])
    } else {
      this.show(this.pixels(), this.shape)
    }
    return true
  }

  // The data are changed in place: assigning them would send the image back to the server.
  show(pixels, shape) {
    const [height, width] = shape
    const image = new this.Image(pixels.buffer, shape)
    Object.assign(this.image.data, {image: [image], width: [width], height: [height]})
    this.image.change.emit()
  }
}

// Two pictures side by side in one: left of the column the one, from there on the other.
class Swipe {
  constructor(left, right, base) {
    Object.assign(this, {left, right, base, mixed: null, drawnAt: null})
  }

  get active() {
    return this.left.shape != null && this.right.shape != null
  }

  update() {
    const changed = [this.left.changed(), this.right.changed()].some(Boolean)
    if (!changed) {
      return false
    }
    this.drawnAt = null
    this.mixed = null
    if (this.active) {
      this.sides = [this.left.pixels(), this.right.pixels()]
      this.mixed = this.sides[1].slice()
    } else {
      this.sides = null
      this.base.seen = [] // the base shows its own picture again
    }
    return true
  }

  draw(column) {
    const [height, width] = this.left.shape
    const at = Math.max(0, Math.min(width, Math.round(column)))
    const before = this.drawnAt ?? 0
    if (at === this.drawnAt) {
      return
    }
    const [from, to, side] = at > before ? [before, at, this.sides[0]] : [at, before, this.sides[1]]
    for (let row = 0, start = 0; row < height; row++, start += width) {
      this.mixed.set(side.subarray(start + from, start + to), start + from)
    }
    this.drawnAt = at
    this.base.show(this.mixed, [height, width])
  }
}
