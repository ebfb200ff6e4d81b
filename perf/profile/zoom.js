// A click on a box makes it as wide as the graph; a click on the lowest one shows all again.
for (const graph of document.querySelectorAll(".flame")) {
  const boxes = [...graph.children].map((box) => ({ box, left: +box.dataset.l, width: +box.dataset.w }));
  graph.addEventListener("click", (event) => {
    const chosen = boxes.find((each) => each.box === event.target);
    if (!chosen) return;
    for (const { box, left, width } of boxes) {
      const from = Math.max(left, chosen.left), to = Math.min(left + width, chosen.left + chosen.width);
      box.hidden = to - from < 1e-6;
      box.style.left = `${(100 * (from - chosen.left)) / chosen.width}%`;
      box.style.width = `${(100 * (to - from)) / chosen.width}%`;
    }
  });
}
