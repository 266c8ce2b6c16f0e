// The open case: its head with what one may do, the conversation as it grows, its cards and its notes.

import { openClause } from "./clause.js";
import { age, kindOf } from "./desk_queue.js";
import { byId, el, icon } from "./dom.js";
import { citations, money } from "./proposal.js";
import { richText } from "./richtext.js";
import { person } from "./session.js";

/** Who may give back what a colleague has who is gone; the server checks it. */
export const supervising = () => person()?.role === "supervisor";

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const WHO = { customer: "Customer", assistant: "Concierge", agent: "Staff", system: "" };
const STATUS = {
  pending: "Waiting for confirmation",
  awaiting_approval: "Waiting for approval",
  confirmed: "Being carried out",
  executed: "Done",
  failed: "Could not be carried out",
  declined: "Declined",
  expired: "Expired",
  superseded: "Replaced",
};

export class OpenCase {
  /** acts: {take, giveBack, close, approve(proposal, reason), confirm(proposal)} */
  constructor(acts) {
    this.acts = acts;
    this.room = byId("talk");
    this.drawn = "";
  }

  clear() {
    this.drawn = "";
    byId("case-head").replaceChildren(el("h2", { id: "case-title" }, "No case is open"));
    this.room.replaceChildren(el("p", { class: "empty" }, "Choose the next case on the left."));
    byId("composer").hidden = true;
  }

  show(view, me) {
    const drawing = JSON.stringify([view, age(view.case.opened_at)]);
    if (drawing === this.drawn) return;
    const near = this.room.scrollHeight - this.room.scrollTop - this.room.clientHeight < 120;
    const anew = !this.drawn.includes(`"case_id":"${view.case.case_id}"`);
    this.drawn = drawing;
    this.head(view.case, me);
    const typed = this.kept();
    this.room.replaceChildren(...this.lines(view, me));
    this.restore(typed);
    this.compose(view.case, me);
    if (near || anew) this.room.scrollTop = this.room.scrollHeight;
  }

  head(one, me) {
    const mine = one.status === "assigned" && one.assignee === me;
    const act = (label, key, how, kind) =>
      el("button", { type: "button", class: `act ${kind}`, onclick: how, "data-act": label }, label, el("kbd", { "aria-hidden": "true" }, key));
    const buttons = mine
      ? [act("Give back", "G", this.acts.giveBack, "act-no"), act("Close", "X", this.acts.close, "act-no")]
      : one.status === "queued"
        ? [act("Take over", "T", this.acts.take, "act-yes")]
        : [el("p", { class: "held" }, one.status === "closed" ? "Closed" : `${one.assignee} has this case`), ...(supervising() && one.status === "assigned" ? [act("Give back", "G", this.acts.giveBack, "act-no")] : [])];
    const facts = [one.case_id, kindOf(one), one.record_locator, `open for ${age(one.opened_at)}`].filter(Boolean).join(" · ");
    byId("case-head").replaceChildren(
      el("div", { class: "case-what" }, el("h2", { id: "case-title" }, one.summary || "Conversation"), el("p", {}, el("span", { class: `severity severity-${one.severity}` }, one.severity), facts)),
      el("div", { class: "acts" }, ...buttons),
    );
  }

  lines({ case: one, transcript, proposals, notes, packet }, me) {
    const listed = [
      ...transcript.map((message) => [message.at, this.message(message)]),
      ...notes.map((note) => [note.at, this.note(note)]),
    ].sort(([a], [b]) => new Date(a) - new Date(b));
    const open = proposals.filter(({ status }) => status !== "superseded" && status !== "expired");
    const reason = !transcript.length && packet.reason ? [el("p", { class: "said-line" }, `The caller's reason: ${packet.reason}`)] : [];
    return [...reason, ...listed.map(([, node]) => node), ...open.map((proposal) => this.card(proposal, one, me))];
  }

  message({ role, text, at, citations: cited }) {
    if (role === "system") return el("p", { class: "said-line" }, text, el("time", { datetime: at }, TIME.format(new Date(at))));
    const words = role === "customer" ? [el("p", {}, text)] : richText(text, openClause);
    return el(
      "div",
      { class: `said said-${role}` },
      el("p", { class: "said-by" }, WHO[role], el("time", { datetime: at }, TIME.format(new Date(at)))),
      el("div", { class: "prose" }, ...words),
      citations(cited),
    );
  }

  note({ author, text, at }) {
    return el(
      "div",
      { class: "said said-note" },
      el("p", { class: "said-by" }, `Internal note, ${author.replace(/^staff:/, "")}`, el("time", { datetime: at }, TIME.format(new Date(at)))),
      el("p", {}, text),
    );
  }

  card(proposal, one, me) {
    const amounts = proposal.amounts.filter(({ minor }) => minor).map((amount) => `${amount.name.replaceAll("_", " ")} ${money(amount)}`);
    const mine = one.assignee === me && one.status === "assigned";
    return el(
      "article",
      { class: `card card-${proposal.status}`, "aria-label": proposal.summary, "data-proposal": proposal.id },
      el("p", { class: "card-status" }, proposal.status === "executed" ? icon("check") : icon("wait"), STATUS[proposal.status]),
      el("p", { class: "card-summary" }, proposal.summary),
      amounts.length ? el("p", { class: "card-amounts" }, amounts.join(" · ")) : null,
      citations(proposal.clauses),
      proposal.status === "awaiting_approval" ? this.approval(proposal) : null,
      proposal.status === "pending" && mine && !one.conversation_id
        ? el("button", { type: "button", class: "act act-yes", onclick: () => this.acts.confirm(proposal) }, "Confirm on the caller's word")
        : null,
    );
  }

  approval(proposal) {
    const reason = el("input", { name: "reason", required: true, maxlength: 1000, "aria-label": "Reason for the approval", placeholder: "Reason for the approval", "data-keep": `approve-${proposal.id}` });
    const submit = (event) => {
      event.preventDefault();
      this.acts.approve(proposal, reason.value);
    };
    return el("form", { class: "inline", onsubmit: submit }, reason, el("button", { type: "submit", class: "act act-yes" }, "Approve", el("kbd", { "aria-hidden": "true" }, "P")));
  }

  /** What is being typed survives a redrawing. */
  kept() {
    const focused = document.activeElement?.dataset?.keep;
    return { focused, values: [...this.room.querySelectorAll("[data-keep]")].map((node) => [node.dataset.keep, node.value]) };
  }

  restore({ focused, values }) {
    for (const [name, value] of values) {
      const node = this.room.querySelector(`[data-keep="${CSS.escape(name)}"]`);
      if (node) node.value = value;
      if (node && name === focused) node.focus();
    }
  }

  compose(one, me) {
    const mine = one.status === "assigned" && one.assignee === me;
    byId("composer").hidden = !mine;
    const [message, note] = byId("composer").elements.mode;
    message.disabled = !one.conversation_id;
    if (!one.conversation_id) note.checked = true;
  }
}
