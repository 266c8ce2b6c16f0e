// The customer in one view: only what the server lets this role see, masked until the caller is known.

import { byId, el, icon } from "./dom.js";

const KNOWN = {
  unverified: "Not verified: name and contact are masked",
  booking: "Knows one booking",
  verified: "Verified by code",
  authenticated: "Signed in",
};
const words = (name) => {
  const plain = name.replaceAll("_", " ");
  return plain[0].toUpperCase() + plain.slice(1);
};

export function showCustomer(customer, packet) {
  const node = byId("customer");
  const drawing = JSON.stringify([customer, packet]);
  if (node.dataset.drawn === drawing) return;
  node.dataset.drawn = drawing;
  node.replaceChildren(
    el(
      "div",
      { class: "person" },
      el("p", { class: "person-name" }, customer.name, customer.tier !== "none" ? el("span", { class: `tier tier-${customer.tier}` }, customer.tier) : null),
      el("p", { class: `known known-${customer.verified}` }, KNOWN[customer.verified]),
      ...customer.contact.map((line) => el("p", { class: "contact" }, line)),
      el("p", { class: "contact" }, [customer.customer_id, customer.language, customer.miles === null ? null : `${customer.miles.toLocaleString("en-GB")} miles`].filter(Boolean).join(" · ")),
    ),
    ...[
      handedOver(packet),
      mood(customer.sentiment),
      list("Bookings", customer.bookings, booking),
      list("Open cases", customer.cases, (one) => `${one.case_id} · ${one.kind.replaceAll(/[._]/g, " ")} · ${one.status}`),
      list("Claims", customer.claims, (claim) => claim),
      list("Consents", customer.consents, consent),
      list("Interests", customer.interests, (interest) => interest),
      customer.conversations.length ? fact("Conversations", `${customer.conversations.length} kept`) : null,
    ].filter(Boolean),
  );
}

export function clearCustomer() {
  const node = byId("customer");
  delete node.dataset.drawn;
  node.replaceChildren(el("p", { class: "empty" }, "Who the case is about appears here."));
}

const fact = (title, text) => el("section", { class: "facts" }, el("h3", {}, title), el("p", {}, text));

function list(title, listed, shown) {
  if (!listed.length) return null;
  return el("section", { class: "facts" }, el("h3", {}, title), el("ul", {}, ...listed.map((one) => el("li", {}, shown(one)))));
}

function booking({ record_locator: locator, status, line, flights }) {
  return el(
    "div",
    { class: "booking" },
    el("p", {}, icon("plane"), el("b", {}, locator), el("span", { class: `mark mark-${status}` }, status)),
    el("p", { class: "booking-line" }, line),
    ...flights.map((flight) => el("p", { class: "booking-flight" }, flight)),
  );
}

function consent({ purpose, channel, granted }) {
  return el("span", { class: granted ? "given" : "refused" }, `${words(purpose)}${channel ? `, ${channel}` : ""}: ${granted ? "yes" : "no"}`);
}

function mood(values) {
  if (!values.length) return null;
  const last = values.at(-1);
  const said = last < 0 ? "upset in the last message" : last > 0 ? "friendly in the last message" : "calm in the last message";
  const bars = values.map((value) => el("i", { class: value < 0 ? "low" : value > 0 ? "high" : "" }));
  return el("section", { class: "facts" }, el("h3", {}, "Mood"), el("p", { class: "mood" }, el("span", { class: "bars", "aria-hidden": "true" }, ...bars), said));
}

/** What the assistant handed over: intent, what was tried and refused, in its own names. */
function handedOver(packet) {
  const shown = Object.entries(packet).filter(([name, value]) => !["said", "grants", "opened_by"].includes(name) && value !== null && value !== "" && value?.length !== 0);
  if (!shown.length) return null;
  const rows = shown.map(([name, value]) => el("div", {}, el("dt", {}, words(name)), el("dd", {}, ...plain(value).map((line) => el("p", {}, line)))));
  return el("section", { class: "facts" }, el("h3", {}, "Handed over with"), el("dl", { class: "packet" }, ...rows));
}

function plain(value) {
  if (Array.isArray(value)) return value.flatMap(plain);
  if (value && typeof value === "object") return [Object.entries(value).map(([name, inner]) => `${words(name)}: ${plain(inner).join(", ")}`).join("; ")];
  return [String(value)];
}
