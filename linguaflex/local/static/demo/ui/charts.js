// Charts of the progress series, by uPlot, which is loaded with the first chart. A table has the same figures for
// screen readers.

import { html, useEffect, useRef } from "../vendor/preact.js";
import { loadStyle } from "../router.js";

const HEIGHT = 190;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const day = (period) => new Date(`${period}T00:00:00`);
const labelOf = (period) => day(period).toLocaleDateString("en-GB", { day: "numeric", month: "short" });

function optionsOf(uPlot, { series, lines, top, width }) {
  const axis = { stroke: colour("--ink-soft"), ticks: { show: false }, font: "12px sans-serif", grid: { show: false } };
  const drawn = lines.map(({ label, stroke, bars }) => ({
    label,
    stroke: colour(stroke),
    width: bars ? 0 : 2.5,
    fill: bars ? colour(stroke) : undefined,
    points: { show: !bars, size: 8, fill: colour(stroke) },
    paths: bars ? uPlot.paths.bars({ size: [0.55, 36], radius: 0.25 }) : undefined,
    spanGaps: false,
  }));
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.6, series.length - 0.4] },
      y: { range: (plot, low, high) => [0, top ?? Math.max(5, high * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        splits: () => series.map((_, index) => index),
        filter: everySecond,
        values: (plot, indexes) => indexes.map((index) => (index === null ? "" : labelOf(series[index].period))),
      },
      { ...axis, size: 36, grid: { stroke: colour("--line"), width: 1 } },
    ],
    series: [{}, ...drawn],
  };
}

// Eight dates do not fit on a phone.
const everySecond = (plot, indexes) => indexes.map((index) => (plot.width < 420 && index % 2 ? null : index));

const Legend = ({ lines }) => html`
  <span class="legend">
    ${lines.map(({ label, stroke }) => html`<span key=${label} class=${stroke.slice(2)}>${label}</span>`)}
  </span>`;

// `lines`: [{label, stroke (a colour token), valueOf(period), bars}]; null is a gap. `top` is the end of the scale.
export function Chart({ title, series, lines, top }) {
  const place = useRef();
  useEffect(() => {
    let [plot, gone] = [null, false];
    const node = place.current; // the reference is empty once the chart is removed
    const data = [series.map((_, index) => index), ...lines.map(({ valueOf }) => series.map(valueOf))];
    const draw = async () => {
      const [{ default: uPlot }] = await Promise.all([import("../vendor/uplot.js"), loadStyle("vendor/uplot.css")]);
      if (gone) return;
      plot?.destroy();
      plot = new uPlot(optionsOf(uPlot, { series, lines, top, width: node.clientWidth }), data, node);
    };
    draw();
    const sizes = new ResizeObserver(() => plot?.setSize({ width: node.clientWidth, height: HEIGHT }));
    sizes.observe(node);
    const colours = new MutationObserver(draw);
    colours.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      gone = true;
      sizes.disconnect();
      colours.disconnect();
      plot?.destroy();
    };
  }, [series]);
  return html`
    <figure class="chart">
      <figcaption><b>${title}</b>${lines.length > 1 && html`<${Legend} lines=${lines} />`}</figcaption>
      <div ref=${place} aria-hidden="true" class="plot" />
      <table class="only-spoken">
        <caption>${title}</caption>
        <thead><tr><th scope="col">Week</th>${lines.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
        <tbody>${series.map((row) => html`
          <tr>
            <th scope="row">${labelOf(row.period)}</th>
            ${lines.map(({ valueOf }) => html`<td>${valueOf(row) ?? "none"}</td>`)}
          </tr>`)}
        </tbody>
      </table>
    </figure>`;
}
