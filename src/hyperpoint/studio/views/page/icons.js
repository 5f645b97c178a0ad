// Drawn for this page, on a grid of 20 by 20, lines 1.6 wide.

const ICONS = {
  point: "M10 2v4M10 14v4M2 10h4M14 10h4M10 7.4a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2",
  brush: "M3 14c3-8 5 3 8-3s3-6 6-6",
  correct: "M12.5 3.5l4 4L8 16l-5 1 1-5zM10.5 5.5l4 4",
  erase: "M8 16.5h9M11.2 4l5 5-6.4 6.5H6.6L3.4 12.3zM7.5 7.8l5 5",
  rectangle: "M3 5h14v10H3zM6.5 12.5l3-3M11 9l1-1",
  swipe: "M10 2v16M3 5h4M3 15h4V5M13 5h4v10h-4M7 10H4.5M13 10h3",
  fit: "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
  undo: "M7 4L3 8l4 4M3 8h8.5a4.5 4.5 0 0 1 0 9H8",
  redo: "M13 4l4 4-4 4M17 8H8.5a4.5 4.5 0 0 0 0 9H12",
  theme: "M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14",
  help: "M7.3 7.5a2.7 2.7 0 1 1 4.2 2.2c-1 .7-1.5 1.2-1.5 2.3M10 15v.2",
  back: "M12 4l-6 6 6 6",
  next: "M8 4l6 6-6 6",
  fold: "M7.5 5l5 5-5 5",
  plus: "M10 4v12M4 10h12",
  more: "M4.5 10h.1M10 10h.1M15.5 10h.1",
  locked: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  open: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 5.8-1",
  check: "M4 10.5l4 4 8-9",
  borders: "M3 3h14v14H3zM3 9l6 2 3-8M9 11l2 6M10 8l7 2",
  warning: "M10 3l8 14H2zM10 8v4M10 14.5v.1",
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg"
  const drawing = document.createElementNS(space, "svg")
  drawing.setAttribute("viewBox", "0 0 20 20")
  drawing.setAttribute("aria-hidden", "true")
  const path = document.createElementNS(space, "path")
  path.setAttribute("d", ICONS[name])
  drawing.append(path)
  return drawing
}

function swapIcon(button, name) {
  if (button.dataset.icon === name) return
  button.dataset.icon = name
  button.querySelector("svg").replaceWith(icon(name))
}
