// Charts of the progress series, as SVG elements. Data is inserted as text, never as markup.

const [WIDTH, HEIGHT, BASE, DATE] = [640, 180, 150, 120]; // DATE: the maximum width of a date label
const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

function chart(title, series, top) {
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
  svg.append(element("text", { x: 0, y: 14, class: "title" }, title));
  svg.append(element("text", { x: WIDTH, y: 14, "text-anchor": "end" }, `up to ${top}`));
  svg.append(element("line", { x1: 0, x2: WIDTH, y1: BASE, y2: BASE, class: "axis" }));
  const step = WIDTH / series.length;
  for (const index of new Set([0, series.length - 1])) {
    const atEdge = index ? { x: WIDTH, "text-anchor": "end" } : { x: 0 };
    const place = step < DATE ? atEdge : { x: (index + 0.5) * step, "text-anchor": "middle" };
    svg.append(element("text", { ...place, y: HEIGHT - 8 }, series[index].period));
  }
  return svg;
}

const heightOf = (value, top) => ((BASE - 24) * value) / (top || 1);

// One bar per period.
export function bars(title, series, key) {
  const top = Math.max(0, ...series.map((each) => each[key]));
  const svg = chart(title, series, top);
  const step = WIDTH / series.length;
  series.forEach((each, index) => {
    const height = heightOf(each[key], top);
    const width = Math.min(0.8 * step, 40);
    const place = { x: (index + 0.5) * step - width / 2, y: BASE - height, width, height };
    const bar = element("rect", { ...place, class: key });
    bar.append(element("title", {}, `${each.period}: ${each[key]} ${key}`));
    svg.append(bar);
  });
  return svg;
}

// One line per score, with a gap for each period without a score.
export function scores(title, series, keys) {
  const svg = chart(title, series, 100);
  const step = WIDTH / series.length;
  for (const key of keys) {
    const points = series.map((each, index) => {
      const score = each.average_scores[key] ?? null;
      return score === null ? null : { ...each, score, x: (index + 0.5) * step, y: BASE - heightOf(score, 100) };
    });
    for (const run of runsOf(points)) {
      svg.append(element("polyline", { points: run.map(({ x, y }) => `${x},${y}`).join(" "), class: key }));
    }
    for (const { period, score, x, y } of points.filter(Boolean)) {
      const dot = element("circle", { cx: x, cy: y, r: 4, class: key });
      dot.append(element("title", {}, `${period}: ${key} ${score}`));
      svg.append(dot);
    }
  }
  return svg;
}

function runsOf(points) {
  const runs = [[]];
  for (const point of points) {
    if (point) runs.at(-1).push(point);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 1);
}
