// How figures of evals are written and drawn.

const SVG = "http://www.w3.org/2000/svg";

/** svg("line", {x1: 0}, child) */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** 0.9672 -> "96.7%"; never rounded up to all or down to none */
export function percent(share) {
  if (share == null) return "–";
  const tenths = Math.round(share * 1000);
  const kept = share < 1 && tenths === 1000 ? 999 : share > 0 && tenths === 0 ? 1 : tenths;
  return `${kept % 10 === 0 ? kept / 10 : (kept / 10).toFixed(1)}%`;
}

export const range = ([low, high]) => `${percent(low).slice(0, -1)} to ${percent(high)}`;

/** -0.031 -> "−3.1 points" */
export function points(difference) {
  const tenths = Math.round(difference * 1000) / 10;
  return `${tenths > 0 ? "+" : tenths < 0 ? "−" : "±"}${Math.abs(tenths)}`;
}

export const chance = (p) => (p < 0.001 ? "p\u00a0<\u00a00.001" : `p\u00a0=\u00a0${p.toFixed(3)}`);

export const many = (count, one, more = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : more}`;

export const when = (at) => new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

/** A share with its interval on a scale from none to all. */
export function bar(share, [low, high]) {
  return svg(
    "svg",
    { class: "bar-figure", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "bar-all", x: 0, y: 2, width: 100, height: 2 }),
    svg("rect", { class: "bar-range", x: low * 100, y: 1, width: Math.max((high - low) * 100, 0.6), height: 4 }),
    ...(share == null ? [] : [svg("rect", { class: "bar-at", x: Math.min(Math.max(share * 100 - 0.6, 0), 98.8), y: 0, width: 1.2, height: 6 })]),
  );
}
