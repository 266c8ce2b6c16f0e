// The queue: yours, those that wait, those with colleagues. Severest first, then oldest, as the server has them.

import * as api from "./api.js";
import { byId, el } from "./dom.js";

const GROUPS = [
  ["Yours", ({ assignee }, me) => assignee === me],
  ["Waiting", ({ status }) => status === "queued"],
  ["With colleagues", ({ status, assignee }, me) => status === "assigned" && assignee !== me],
];

export function age(openedAt) {
  const minutes = Math.max(0, Math.floor((api.now() - new Date(openedAt)) / 60000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(minutes / 1440)} days`;
}

export const kindOf = ({ kind, conversation_id: live }) => (live ? "chat" : kind.replaceAll(/[._]/g, " "));

export class Queue {
  /** onOpen(caseId) */
  constructor(onOpen) {
    this.node = byId("queue");
    this.onOpen = onOpen;
    this.cases = [];
    this.order = [];
    this.unread = new Set();
    this.drawn = "";
  }

  show(cases, me, open) {
    this.cases = cases;
    const groups = GROUPS.map(([title, holds]) => [title, cases.filter((one) => holds(one, me))]);
    this.order = groups.flatMap(([, listed]) => listed.map((one) => one.case_id));
    const drawing = JSON.stringify([groups, open, [...this.unread], cases.map((one) => age(one.opened_at))]);
    if (drawing === this.drawn) return;
    this.drawn = drawing;
    const focused = document.activeElement?.dataset?.case;
    this.node.replaceChildren(...groups.filter(([title, listed]) => listed.length || title === "Waiting").map(([title, listed]) => this.group(title, listed, open, me)));
    if (focused) this.button(focused)?.focus();
  }

  group(title, listed, open, me) {
    const id = `group-${title.replaceAll(" ", "-").toLowerCase()}`;
    return el(
      "section",
      { "aria-labelledby": id },
      el("h3", { id, class: "group" }, title, el("span", {}, String(listed.length))),
      listed.length
        ? el("ul", { class: "cases" }, ...listed.map((one) => el("li", {}, this.row(one, open, me))))
        : el("p", { class: "empty" }, "Nobody is waiting."),
    );
  }

  row(one, open, me) {
    const marks = [
      this.unread.has(one.case_id) ? el("span", { class: "mark mark-new" }, "new words") : null,
      one.awaits_approval ? el("span", { class: "mark mark-approve" }, `needs ${one.awaits_approval}`) : null,
      one.status === "assigned" && one.assignee !== me ? el("span", { class: "mark" }, one.assignee) : null,
    ];
    const row = el(
      "button",
      { type: "button", class: "row", "data-case": one.case_id, onclick: () => this.onOpen(one.case_id) },
      el("span", { class: `severity severity-${one.severity}` }, one.severity),
      el("span", { class: "row-age" }, age(one.opened_at)),
      el("span", { class: "row-what" }, one.summary || kindOf(one)),
      el("span", { class: "row-meta" }, [kindOf(one), one.record_locator].filter(Boolean).join(" · "), ...marks),
    );
    if (one.case_id === open) row.setAttribute("aria-current", "true");
    return row;
  }

  button(id) {
    return this.node.querySelector(`[data-case="${CSS.escape(id)}"]`);
  }

  /** Moves the focus through the cases; from outside, to the open one or the first. */
  move(step, open) {
    if (!this.order.length) return;
    const at = this.order.indexOf(document.activeElement?.dataset?.case ?? open);
    const next = at < 0 ? 0 : Math.min(this.order.length - 1, Math.max(0, at + step));
    this.button(this.order[next])?.focus();
  }
}
