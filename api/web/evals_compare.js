// Two runs side by side, the figures of `concierge eval compare`, with the cases that were won and lost.

import { byId, el, icon } from "./dom.js";
import { chance, many, percent, points, svg, when } from "./evals_figures.js";

export class Comparison {
  /** found: the newer run (B) against the older (A) */
  show(found, older, newer) {
    const shown = byId("compared");
    shown.replaceChildren(
      el("header", { class: "part-head" },
        el("h2", { id: "compared-title" }, "Newer against older"),
        el("button", { class: "round", type: "button", "aria-label": "Close the comparison", onclick: () => this.#close() }, icon("close")),
      ),
      el("dl", { class: "sides" }, ...side("A", older), ...side("B", newer)),
      found.suites.length ? table(found.suites) : el("p", { class: "hint" }, "They have no suite in common."),
      ...["only_a", "only_b"].filter((only) => found[only].length).map((only) => el("p", { class: "hint" }, `Only in ${only.slice(-1).toUpperCase()}: ${found[only].join(", ")}.`)),
    );
    shown.hidden = false;
    shown.focus({ preventScroll: true });
    shown.scrollIntoView({ block: "start" });
  }

  #close() {
    byId("compared").hidden = true;
    byId("compare").focus();
  }
}

const side = (name, run) => [el("dt", {}, name), el("dd", {}, el("b", {}, when(run.at)), el("span", {}, run.models), el("code", {}, run.id))];

const COLUMNS = ["Suite", "A", "B", "Difference in points, 95%", "Chance", "Lost", "Won"];

function table(suites) {
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...COLUMNS.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...suites.map(row)),
  );
}

function row(suite) {
  const cells = [
    percent(suite.a),
    percent(suite.b),
    difference(suite),
    chance(suite.p),
    cases(suite.lost, "lost"),
    cases(suite.won, "won"),
  ];
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, suite.name, el("span", { class: "hint" }, `${many(suite.cases, "case")} in both${suite.other_cases ? ", changed between" : ""}`)),
    ...cells.map((cell, place) => el("td", { "data-name": COLUMNS[place + 1] }, cell)),
  );
}

/** The interval on a scale from −100 to +100, four times as wide where changes are small. */
function difference({ difference: value, interval: [low, high], verdict }) {
  const scale = Math.max(Math.abs(low), Math.abs(high)) <= 0.25 ? 4 : 1;
  const x = (share) => 50 + share * 50 * scale;
  return el(
    "span",
    { class: `difference ${verdict}` },
    el("b", {}, points(value)),
    el("span", { class: "hint" }, low === high ? "" : `${points(low)} to ${points(high)}`),
    svg(
      "svg",
      { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "difference-range", x: x(low), y: 2, width: Math.max(x(high) - x(low), 0.8), height: 4 }),
      svg("rect", { class: "difference-none", x: 49.6, y: 0, width: 0.8, height: 8 }),
      svg("rect", { class: "difference-at", x: Math.min(x(value) - 0.7, 98.6), y: 0, width: 1.4, height: 8 }),
    ),
  );
}

function cases(ids, kind) {
  if (!ids.length) return el("span", { class: "none" }, "0");
  return el("details", { class: `cases cases-${kind}` }, el("summary", {}, String(ids.length)), el("ul", {}, ...ids.map((id) => el("li", {}, el("code", {}, id)))));
}
