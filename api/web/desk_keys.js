// Single keys for everything on the desk. They sleep while somebody types, and can be turned off (WCAG 2.1.4).

import { byId, el } from "./dom.js";

const OFF = "concierge.desk.keys-off";
const typing = (node) => node?.matches?.("input, textarea, select, [contenteditable]") && node.type !== "radio" && node.type !== "checkbox";

/** keys: [[key, words, act()], ...] */
export function installKeys(keys) {
  const box = byId("keys");
  const on = byId("keys-on");
  on.checked = localStorage.getItem(OFF) === null;
  on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  byId("show-keys").addEventListener("click", () => box.showModal());
  byId("keys-list").replaceChildren(
    ...keys.map(([key, words]) => el("div", {}, el("dt", {}, el("kbd", {}, key.length === 1 ? key.toUpperCase() : key)), el("dd", {}, words))),
  );
  const acts = new Map(keys.map(([key, , act]) => [key, act]));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(document.activeElement) && !document.querySelector("dialog[open]")) {
      document.activeElement.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (document.querySelector("dialog[open]") || !on.checked) return;
    const key = /^[1-9]$/.test(event.key) ? "1-9" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = acts.get(key);
    if (!act) return;
    event.preventDefault();
    act(event.key);
  });
}
