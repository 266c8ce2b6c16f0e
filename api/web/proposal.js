// The card: what would be done, for how much, by which clause, and two buttons. Only the server's words stand on it.

import * as api from "./api.js";
import { openClause } from "./clause.js";
import { el, icon } from "./dom.js";

const OPEN = new Set(["pending", "awaiting_approval"]);
export const isOpen = ({ status }) => OPEN.has(status);
const HEADS = { pending: "For you to confirm", awaiting_approval: "Waiting for approval" };
const STAMPS = {
  confirmed: "Being carried out",
  executed: "Done",
  failed: "Could not be carried out",
  declined: "You declined: nothing was changed",
  expired: "Expired: nothing was changed",
  superseded: "Replaced by a newer proposal",
};
const AMOUNTS = { refund: "You get back", fee: "Fee", price: "Price", total: "Total", difference: "Price difference" };
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const LONGEST_TIMER = 2 ** 31 - 1;

export function money({ minor, currency }) {
  const format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

const words = (name) => {
  const plain = name.replaceAll("_", " ");
  return plain[0].toUpperCase() + plain.slice(1);
};

export class ProposalCard {
  /** onExecuted(message), onReplaced(proposal), announce(sentence) */
  constructor(proposal, { onExecuted, onReplaced, announce }) {
    this.on = { onExecuted, onReplaced, announce };
    this.node = el("article", { class: "pass" });
    this.show(proposal);
  }

  get open() {
    return isOpen(this.proposal);
  }

  show(proposal) {
    this.proposal = proposal;
    clearTimeout(this.timer);
    const left = new Date(proposal.expires_at) - api.now();
    if (this.open && left <= 0) this.proposal = { ...proposal, status: "expired" };
    else if (this.open) this.timer = setTimeout(() => this.show(proposal), Math.min(left + 50, LONGEST_TIMER));
    this.render();
  }

  render(trouble = null) {
    const { summary, status } = this.proposal;
    const title = `${this.proposal.id}-title`;
    this.node.setAttribute("aria-labelledby", title);
    this.node.className = this.open ? "pass" : "pass pass-ended";
    this.node.dataset.status = status;
    this.node.replaceChildren(
      el("div", { class: "pass-head" }, el("span", {}, HEADS[status] ?? "Proposal"), this.deadline()),
      el(
        "div",
        { class: "pass-body" },
        el("p", { class: "pass-summary", id: title }, summary),
        this.amounts(),
        this.details(),
        citations(this.proposal.clauses),
      ),
      el("div", { class: "stub" }, ...(this.open ? this.buttons() : [this.stamp()]), trouble),
    );
  }

  deadline() {
    if (!this.open) return null;
    return el("span", {}, `Held until ${TIME.format(new Date(this.proposal.expires_at))}`);
  }

  amounts() {
    const { amounts, grants } = this.proposal;
    if (!amounts.length && !grants.length) return null;
    return el(
      "dl",
      { class: "amounts" },
      ...amounts.map((amount) => entry(AMOUNTS[amount.name] ?? words(amount.name), money(amount), amount.minor === 0)),
      ...grants.map((grant) => entry(words(grant.name), `${grant.quantity} ${grant.unit}`, false)),
    );
  }

  details() {
    if (!this.proposal.arguments.length) return null;
    const rows = this.proposal.arguments.map(({ name, value, source }) =>
      el("div", {}, el("dt", {}, words(name)), el("dd", {}, value, el("small", {}, ` · from ${source}`))),
    );
    return el("dl", { class: "details" }, ...rows);
  }

  buttons() {
    const phrase = this.proposal.confirm_phrase;
    const note = phrase
      ? el("p", {}, "This cannot be undone. You can also type ", el("code", {}, phrase), ".")
      : el("p", {}, "Nothing happens until you confirm.");
    if (this.proposal.status !== "pending") return [note];
    return [
      el("button", { type: "button", class: "act act-yes", onclick: () => this.decide(api.confirm) }, "Confirm"),
      el("button", { type: "button", class: "act act-no", onclick: () => this.decide(api.decline) }, "Decline"),
      note,
    ];
  }

  stamp() {
    const { status } = this.proposal;
    const mark = status === "executed" ? icon("check") : null;
    return el("span", { class: `stamp stamp-${status}` }, mark, STAMPS[status] ?? words(status));
  }

  async decide(act) {
    for (const button of this.node.querySelectorAll(".act")) button.disabled = true;
    try {
      const answer = await act(this.proposal.id);
      this.show(answer.proposal ?? answer);
      this.on.announce(STAMPS[this.proposal.status] ?? "");
      if (answer.message) this.on.onExecuted(answer.message);
    } catch (trouble) {
      this.refuse(trouble);
    }
  }

  refuse(trouble) {
    const successor = trouble.problem?.proposal;
    if (trouble.status === 409) this.show({ ...this.proposal, status: successor ? "superseded" : "expired" });
    this.render(el("p", { class: "notice", role: "alert" }, trouble.message));
    if (successor) this.on.onReplaced(successor);
  }
}

export function citations(clauses) {
  if (!clauses.length) return null;
  const chips = clauses.map(({ clause_id: id, version, title }) =>
    el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "cite", title: `${id}, version ${version}`, onclick: () => openClause(id, version) },
        icon("clause"),
        el("span", {}, el("span", { class: "unseen" }, "Policy: "), title),
      ),
    ),
  );
  return el("ul", { class: "cites", "aria-label": "Policies this rests on" }, ...chips);
}

const entry = (label, value, minor) => el("div", minor ? { class: "minor" } : {}, el("dt", {}, label), el("dd", {}, value));
