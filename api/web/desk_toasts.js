// What just happened, in a corner: it says so to a screen reader too, and goes by itself unless it is a call.

import { byId, el, icon } from "./dom.js";

const SHOWN = 12_000;
const MOST = 4;

/** acts: [[label, act()], ...]; stays: until somebody acts or closes it */
export function toast({ title, text = "", kind = "news", acts = [], stays = false }) {
  const node = el("div", { class: `toast toast-${kind}`, role: kind === "news" ? "status" : "alert" });
  const gone = () => node.remove();
  const buttons = acts.map(([label, act]) =>
    el("button", { type: "button", onclick: () => [gone(), act()] }, label),
  );
  node.append(
    el("div", {}, kind === "call" ? icon("phone") : "", el("b", {}, title), text ? el("p", {}, text) : ""),
    el("div", { class: "toast-acts" }, ...buttons),
    el("button", { type: "button", class: "toast-close", "aria-label": "Dismiss", onclick: gone }, icon("close")),
  );
  const room = byId("toasts");
  room.append(node);
  while (room.children.length > MOST) room.firstElementChild.remove();
  if (!stays) setTimeout(gone, SHOWN);
}
