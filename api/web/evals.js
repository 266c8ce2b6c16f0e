// The evaluator's page: how suites went over the runs, two runs side by side, and the report of one.

import { byId } from "./dom.js";
import * as door from "./door.js";
import { Comparison } from "./evals_compare.js";
import { installReport, openReport } from "./evals_report.js";
import { Runs } from "./evals_runs.js";
import { showTrends } from "./evals_trends.js";
import * as session from "./session.js";
import * as staff from "./staff.js";

const INSIDE = ["evals", "again"];
const comparison = new Comparison();
const runs = new Runs({ open: (run) => openReport(run).catch(complain), compare });

async function start() {
  door.install();
  door.show(false, INSIDE);
  if (!session.person()) return;
  installReport();
  byId("again").addEventListener("click", () => refresh().catch(complain));
  await refresh().catch(refused);
}

async function refresh() {
  const found = await staff.evalRuns();
  byId("trouble").hidden = true;
  showTrends(found.trends, found.runs);
  runs.show(found);
  door.show(true, INSIDE);
}

async function compare(older, newer) {
  try {
    comparison.show(await staff.compareRuns(older.id, newer.id), older, newer);
  } catch (trouble) {
    complain(trouble);
  }
}

/** The server decides who may look: a person may have more roles than the one the page shows. */
function refused(trouble) {
  if (trouble.status === 401) return door.expired();
  door.tell(trouble.message);
}

function complain(trouble) {
  if (trouble.status === 401) return door.expired();
  byId("trouble").textContent = trouble.message;
  byId("trouble").hidden = false;
  byId("trouble").scrollIntoView({ block: "center" });
}

await start();
