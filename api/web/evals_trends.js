// One card a suite: its newest figure, how it went over the runs, and whether the newest run differs from the one before.

import { byId, el, icon } from "./dom.js";
import { chance, many, percent, range, svg, when } from "./evals_figures.js";

const WIDE = 220;
const HIGH = 64;
const EDGE = 6;
const WORDS = { worse: "Worse", better: "Better", alike: "No clear change", first: "First run" };

/** What the newest run has comes first, and of that what is worse. */
export function showTrends(trends, runs) {
  const newest = runs.find((run) => run.state === "ended")?.id;
  const rank = (trend) => Object.keys(WORDS).indexOf(verdictOf(trend));
  const left = ({ points }) => Number(points.at(-1).run_id !== newest);
  const sorted = [...trends].sort((a, b) => left(a) - left(b) || rank(a) - rank(b));
  byId("trends").replaceChildren(...sorted.map((trend) => card(trend, newest)));
  byId("trends-part").hidden = !trends.length;
}

const verdictOf = ({ change }) => change?.verdict ?? "first";

function card(trend, newest) {
  const last = trend.points.at(-1);
  const verdict = verdictOf(trend);
  const notes = [
    last.run_id === newest ? null : `Not in the newest run; from ${when(last.at)}.`,
    last.other_cases ? "Other cases or policies than in the run before." : null,
  ].filter(Boolean);
  return el(
    "li",
    { class: `trend trend-${verdict}` },
    el("h3", {}, trend.name),
    el("p", { class: "trend-now" }, el("b", {}, percent(last.passed)), el("span", {}, range(last.interval))),
    picture(trend),
    el("p", { class: `verdict verdict-${verdict}` }, icon(verdict), el("b", {}, WORDS[verdict]), el("span", {}, because(trend))),
    ...notes.map((note) => el("p", { class: "hint" }, note)),
  );
}

function because({ change, points }) {
  if (!change) return points.length > 1 ? "no case in common with the run before" : "";
  if (!change.won && !change.lost) return `the same in ${many(change.cases, "case")}`;
  return `${change.won} won, ${change.lost} lost of ${change.cases}, ${chance(change.p)}`;
}

/** The scale ends at all and begins a little under the lowest interval, so that small changes can be seen. */
function picture({ name, points }) {
  const lowest = Math.min(...points.map(({ interval }) => interval[0]));
  const floor = Math.max(0, Math.floor(lowest * 20 - 0.5) / 20);
  const y = (share) => EDGE + (1 - (share - floor) / (1 - floor || 1)) * (HIGH - 2 * EDGE);
  const x = (place) => (points.length === 1 ? WIDE / 2 : EDGE + (place / (points.length - 1)) * (WIDE - 2 * EDGE));
  const seen = points.map((point, place) => ({ ...point, x: x(place), y: y(point.passed ?? floor) }));
  const told = seen.map((point) => percent(point.passed)).join(", ");
  return el(
    "figure",
    { class: "trend-figure" },
    svg(
      "svg",
      { role: "img", "aria-label": `${name} over ${many(points.length, "run")}, oldest first: ${told}`, viewBox: `0 0 ${WIDE} ${HIGH}` },
      svg("line", { class: "axis", x1: 0, x2: WIDE, y1: y(1), y2: y(1) }),
      svg("line", { class: "axis", x1: 0, x2: WIDE, y1: y(floor), y2: y(floor) }),
      ...seen.map((point) => svg("line", { class: "spread", x1: point.x, x2: point.x, y1: y(point.interval[0]), y2: y(point.interval[1]) })),
      ...seen.slice(1).map((point, place) => step(seen[place], point)),
      ...seen.map((point, place) => dot(point, place === seen.length - 1)),
    ),
    el("figcaption", {}, el("span", {}, `scale ${percent(floor)} to 100%`), el("span", {}, many(points.length, "run"))),
  );
}

/** Between runs of other cases the line is broken: they cannot be compared point by point. */
const step = (from, to) => svg("line", { class: to.other_cases ? "step step-broken" : "step", x1: from.x, y1: from.y, x2: to.x, y2: to.y });

function dot(point, last) {
  const drawn = svg("circle", { class: last ? "dot dot-last" : "dot", cx: point.x, cy: point.y, r: last ? 4.5 : 2.6 });
  drawn.append(svg("title", {}, `${when(point.at)}: ${percent(point.passed)}, ${range(point.interval)}`));
  return drawn;
}
