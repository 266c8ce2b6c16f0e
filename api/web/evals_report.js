// A report in a frame without our origin: what it quotes was written by customers, models and attackers.

import { byId, el } from "./dom.js";
import { when } from "./evals_figures.js";
import * as staff from "./staff.js";

export function installReport() {
  byId("report-close").addEventListener("click", () => byId("report").close());
  byId("report").addEventListener("close", () => byId("report-frame").replaceChildren());
}

/** The address of the frame is good for one look, so that it tells nobody anything. */
export async function openReport(run) {
  const { address } = await staff.reportTicket(run.id);
  const title = `Run of ${when(run.at)}`;
  byId("report-title").textContent = title;
  byId("report-frame").replaceChildren(el("iframe", { title, sandbox: "allow-scripts", referrerpolicy: "no-referrer", src: address }));
  byId("report").showModal();
}
