// Staff's side of the HTTP contract. Every call carries the signed-in person's own token.

import { request } from "./api.js";
import { person } from "./session.js";

const token = () => person()?.token ?? null;
const call = async (method, path, body) => (await request(method, path, { body, token: token() })).json();
const at = (...parts) => `/v1/${parts.map(encodeURIComponent).join("/")}`;

export const cases = () => call("GET", "/v1/cases");
export const readCase = (id) => call("GET", at("cases", id));
export const take = (id) => call("POST", at("cases", id, "take"));
export const giveBack = (id) => call("POST", at("cases", id, "give-back"));
export const close = (id) => call("POST", at("cases", id, "close"));
export const write = (id, text) => call("POST", at("cases", id, "messages"), { text });
export const note = (id, text) => call("POST", at("cases", id, "notes"), { text });

export const resolve = (about) => call("POST", "/v1/resolutions", about);
export const rates = () => call("GET", "/v1/resolutions/rates");
const option = (resolution, id, what) => at("resolutions", resolution, "options", id, what);
export const accept = (resolution, id) => call("POST", option(resolution, id, "accept"), {});
export const edit = (resolution, id, reply) => call("POST", option(resolution, id, "edit"), { reply });
export const reject = (resolution, id, reason) => call("POST", option(resolution, id, "reject"), { reason });

export const approve = (proposal, reason) => call("POST", at("proposals", proposal, "approve"), { reason });
export const confirm = (proposal) => call("POST", at("proposals", proposal, "confirm"));

export const evalRuns = () => call("GET", "/v1/evals/runs");
export const compareRuns = (a, b) => call("GET", `/v1/evals/comparison?${new URLSearchParams({ a, b })}`);
export const reportTicket = (run) => call("POST", at("evals", "runs", run, "ticket"));

/** Who this token says we are; the server checks it, we only sort the queue by it. */
export function subject() {
  try {
    const body = token().split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(body));
    return claims.oid ?? claims.sub;
  } catch {
    return null;
  }
}
