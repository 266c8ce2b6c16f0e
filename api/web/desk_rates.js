// How often staff accept, edit and reject what is offered, by option and by clause.

import { byId, el } from "./dom.js";
import * as staff from "./staff.js";

const percent = (share) => `${Math.round(share * 100)}%`;

export async function showRates() {
  const { verdicts, options, clauses } = await staff.rates();
  byId("rates-body").replaceChildren(
    el("p", {}, verdicts ? `${verdicts} options were decided.` : "No option has been decided yet."),
    ...[table("By option", options), table("By clause", clauses)].filter(Boolean),
  );
  byId("rates").showModal();
}

function table(title, rows) {
  if (!rows.length) return null;
  const head = ["", "Decided", "Accepted", "Edited", "Rejected"].map((name) => el("th", { scope: "col" }, name || title));
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...head)),
    el(
      "tbody",
      {},
      ...rows.map(({ name, decided, accepted, edited, rejected }) =>
        el("tr", {}, el("th", { scope: "row" }, name.replaceAll("_", " ")), el("td", {}, String(decided)), ...[accepted, edited, rejected].map((share) => el("td", {}, percent(share)))),
      ),
    ),
  );
}
