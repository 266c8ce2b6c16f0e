// The runs, newest first: what each came to, its report, and two to tick for a comparison.

import { byId, el, icon } from "./dom.js";
import { bar, many, percent, range, when } from "./evals_figures.js";

const GATES = { kept: ["kept", "Gate kept"], broken: ["close", "Gate broken"], none: [null, "No gate"] };

const FEW = 3;

export class Runs {
  #on;
  #runs = [];
  #ticked = new Set();

  /** on: {open(run), compare(older, newer)} */
  constructor(on) {
    this.#on = on;
    byId("compare").addEventListener("click", () => on.compare(...this.#pair()));
  }

  show({ runs, older }) {
    this.#runs = runs;
    const known = new Set(runs.map(({ id }) => id));
    for (const id of this.#ticked) if (!known.has(id)) this.#ticked.delete(id);
    const rest = older ? [el("p", { class: "hint" }, `${many(older, "older run")} not shown.`)] : [];
    byId("list").replaceChildren(...(runs.length ? [el("ol", { class: "runs" }, ...runs.map((run) => this.#row(run))), ...rest] : [nothing()]));
    this.#tell();
  }

  #row(run) {
    if (run.state !== "ended") return unended(run);
    const box = el("input", { type: "checkbox", "aria-label": `Compare the run of ${when(run.at)}, ${run.id}`, onchange: ({ target }) => this.#tick(run.id, target.checked) });
    box.checked = this.#ticked.has(run.id);
    const [sign, words] = GATES[run.gate];
    const about = [run.models, many(run.trials, "trial") + " a case", ...(run.customers === "scripted" ? [] : [`customers by ${run.customers}`])];
    return el(
      "li",
      { class: "run", "data-run": run.id },
      el("div", { class: "run-head" },
        el("label", { class: "tick" }, box, el("span", { class: "run-when" }, when(run.at))),
        el("span", { class: `gate gate-${run.gate}` }, sign ? icon(sign) : null, words),
        el("p", { class: "run-about" }, ...about.flatMap((part) => [el("span", {}, part)]), el("code", {}, run.id)),
        run.report
          ? el("button", { class: "quiet", type: "button", "aria-label": `Open the report of ${when(run.at)}, ${run.id}`, onclick: () => this.#on.open(run) }, icon("report"), el("span", {}, "Report"))
          : el("span", { class: "hint" }, "no report"),
      ),
      run.breaches.length ? broken(run.breaches) : null,
      el("ul", { class: "suites", "aria-label": "Suites" }, ...run.suites.map(suite)),
    );
  }

  #tick(id, on) {
    if (on) this.#ticked.add(id);
    else this.#ticked.delete(id);
    this.#tell();
  }

  /** Oldest first, so that the newer one is judged against it. */
  #pair() {
    return this.#runs.filter(({ id }) => this.#ticked.has(id)).reverse();
  }

  #tell() {
    const count = this.#ticked.size;
    const comparable = this.#runs.filter(({ state }) => state === "ended").length > 1;
    byId("compare").hidden = !comparable;
    byId("compare").disabled = count !== 2;
    const words = count > 2 ? "Untick all but two runs." : count === 1 ? "Tick one more run." : "Tick two runs to compare them.";
    byId("ticked").textContent = !comparable || count === 2 ? "" : words;
  }
}

/** A gate that is far from kept has dozens of them. */
function broken(breaches) {
  const list = el("ul", {}, ...breaches.map((breach) => el("li", {}, breach)));
  if (breaches.length <= FEW) return el("div", { class: "breaches" }, list);
  return el("details", { class: "breaches" }, el("summary", {}, `${breaches.length} figures break the gate`), list);
}

function suite(one) {
  const amiss = [
    one.failed ? `${one.failed} failed` : null,
    one.crashed ? `${one.crashed} crashed` : null,
    one.unscored ? `${one.unscored} unscored` : null,
  ].filter(Boolean);
  return el(
    "li",
    {},
    el("span", { class: "suite-name" }, one.name),
    el("b", {}, percent(one.passed)),
    bar(one.passed, one.interval),
    el("span", { class: "hint" }, range(one.interval)),
    el("span", { class: "hint" }, [many(one.cases, "case"), ...amiss].join(", ")),
  );
}

function unended(run) {
  const words = run.state === "broken" ? "Cannot be read" : "Not finished";
  return el(
    "li",
    { class: `run run-${run.state}`, "data-run": run.id },
    el("div", { class: "run-head" },
      el("span", { class: "run-when" }, when(run.at)),
      el("span", { class: "gate gate-odd" }, words),
      el("p", { class: "run-about" }, el("span", {}, run.note), el("code", {}, run.id)),
    ),
  );
}

function nothing() {
  return el(
    "div",
    { class: "nothing" },
    el("h3", {}, "There is no run yet"),
    el("p", {}, "A first one takes a minute and needs no key and no network. In the folder of this server:"),
    el("pre", { tabindex: "0" }, el("code", {}, "concierge eval run selfservice")),
    el("p", { class: "hint" }, "Runs that are written elsewhere with --out are not shown; copy their folders into the folder evals of this server's home."),
  );
}
