// A clause in a sheet beside the conversation: what we cite can be read in the words that decided.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { richText } from "./richtext.js";

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const AUTHORITY = { carrier: "Gamma Airways" };
const BASIS = { booked_on: "bookings made", travel_on: "travel", today: "requests" };

export async function openClause(id, version) {
  const sheet = byId("clause");
  show({ id: version ? `${id} · version ${version}` : id, title: "One moment", meta: "", body: [] });
  if (!sheet.open) sheet.showModal();
  try {
    const clause = await api.clause(id, version);
    show({
      id: `${clause.clause_id} · version ${clause.version}`,
      title: clause.title,
      meta: inForce(clause),
      body: richText(clause.text, openClause),
    });
  } catch (trouble) {
    show({ id, title: "This clause cannot be shown", meta: trouble.message, body: [] });
  }
}

export function installClauseSheet() {
  const sheet = byId("clause");
  byId("clause-close").addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) sheet.close();
  });
}

function show({ id, title, meta, body }) {
  byId("clause-id").textContent = id;
  byId("clause-title").textContent = title;
  byId("clause-meta").textContent = meta;
  byId("clause-text").replaceChildren(...body);
}

function inForce({ authority, effective_from: from, effective_until: until, effective_basis: basis }) {
  const source = AUTHORITY[authority] ?? authority;
  const end = until ? ` and before ${DAY.format(new Date(until))}` : "";
  return `${source}. In force for ${BASIS[basis] ?? "requests"} from ${DAY.format(new Date(from))}${end}.`;
}
