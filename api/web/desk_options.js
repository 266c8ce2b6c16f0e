// Ranked options: eligible ones with their draft and one click, the others below with their reason.

import * as api from "./api.js";
import { openClause } from "./clause.js";
import { byId, el, icon } from "./dom.js";
import { money } from "./proposal.js";
import { richText } from "./richtext.js";

const percent = (share) => `${Math.round(share * 100)}%`;

export class Options {
  /** acts: {accept(option, reply), reject(option, reason)} */
  constructor(acts) {
    this.acts = acts;
    this.node = byId("options");
    this.drafts = new Map();
    this.decided = new Map();
    this.resolution = null;
    this.chosen = null;
    this.may = false;
  }

  clear(note = "What can be done appears here, each option checked against policy.") {
    this.resolution = null;
    this.node.replaceChildren(el("p", { class: "empty" }, note));
    byId("again").hidden = true;
  }

  show(resolution, may) {
    if (this.resolution?.id === resolution.id && this.may === may) return;
    const anew = this.resolution?.id !== resolution.id;
    this.resolution = resolution;
    this.may = may;
    if (anew) this.chosen = resolution.options[0]?.id ?? null;
    this.draw();
    byId("again").hidden = false;
  }

  choose(number) {
    const option = this.resolution?.options[number - 1];
    if (!option) return;
    this.chosen = option.id;
    this.draw();
    this.node.querySelector(`[data-option="${CSS.escape(option.id)}"] .option-head`)?.focus();
  }

  get current() {
    return this.resolution?.options.find(({ id }) => id === this.chosen) ?? null;
  }

  key(option) {
    return `${this.resolution.id}/${option.id}`;
  }

  draft(option) {
    return this.drafts.get(this.key(option)) ?? option.reply;
  }

  decide(option, verdict) {
    this.decided.set(this.key(option), verdict);
    this.draw();
  }

  draw() {
    const { title, options, ineligible } = this.resolution;
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const parts = [
      el("p", { class: "situation" }, title),
      options.length ? el("ol", { class: "option-list" }, ...options.map((option, index) => this.option(option, index + 1))) : el("p", { class: "empty" }, "Nothing is possible by our rules; see why below."),
      ineligible.length
        ? el("details", { class: "others", open: !options.length }, el("summary", {}, `Not possible (${ineligible.length})`), el("ul", {}, ...ineligible.map((option) => this.other(option))))
        : null,
    ];
    this.node.replaceChildren(...parts.filter(Boolean));
    if (focused) this.node.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  option(option, number) {
    const open = option.id === this.chosen;
    const head = el(
      "button",
      { type: "button", class: "option-head", "aria-expanded": String(open), "data-focus": `head-${option.id}`, onclick: () => this.choose(number) },
      el("span", { class: "rank", "aria-hidden": "true" }, String(number)),
      el("span", { class: "option-label" }, option.label),
      el("span", { class: "option-worth" }, worth(option)),
    );
    return el(
      "li",
      { class: open ? "option option-open" : "option", "data-option": option.id },
      head,
      el("div", { class: "option-marks" }, el("span", { class: "mark mark-ok" }, icon("check"), "eligible"), ...clauses(option), option.needs_approval ? el("span", { class: "mark mark-approve" }, `needs ${option.needs_approval}`) : null),
      open ? this.body(option) : null,
    );
  }

  body(option) {
    const verdict = this.decided.get(this.key(option));
    return el("div", { class: "option-body" }, el("p", { class: "why" }, option.why), figures(option), verdict ? el("p", { class: "verdict", role: "status" }, verdict) : this.deciding(option));
  }

  deciding(option) {
    if (!this.may) return el("p", { class: "empty" }, "Take the case over to act on it.");
    const label = () => (this.draft(option) === option.reply ? "Accept" : "Send edited");
    const accept = el("button", { type: "button", class: "act act-yes", "data-focus": "accept", onclick: () => this.accept(option) }, el("span", {}, label()), el("kbd", { "aria-hidden": "true" }, "A"));
    const draft = el("textarea", { class: "draft", rows: 4, "aria-label": "Draft reply", "data-focus": "draft" });
    draft.value = this.draft(option);
    draft.addEventListener("input", () => {
      this.drafts.set(this.key(option), draft.value);
      accept.firstChild.textContent = label();
    });
    const reason = el("input", { name: "reason", required: true, maxlength: 1000, "aria-label": "Reason for rejecting", placeholder: "Why not?", "data-focus": "reason" });
    const submit = (event) => {
      event.preventDefault();
      this.acts.reject(option, reason.value);
    };
    return el(
      "div",
      { class: "deciding" },
      el("p", { class: "draft-title" }, "Reply to the customer ", el("kbd", { "aria-hidden": "true" }, "E")),
      draft,
      el("div", { class: "deciding-acts" }, accept, el("form", { class: "inline", onsubmit: submit }, reason, el("button", { type: "submit", class: "act act-no" }, "Reject", el("kbd", { "aria-hidden": "true" }, "D")))),
    );
  }

  accept(option = this.current) {
    if (!option || !this.may || this.decided.has(this.key(option))) return;
    const reply = this.draft(option);
    this.acts.accept(option, reply === option.reply ? null : reply);
  }

  focus(what) {
    this.node.querySelector(`[data-focus="${what}"]`)?.focus();
  }

  other(option) {
    return el(
      "li",
      { class: "other" },
      el("p", { class: "option-label" }, option.label),
      el("p", { class: "why" }, option.why || (option.missing.length ? `Not known yet: ${option.missing.join(", ").replaceAll("_", " ")}` : "")),
      el("div", { class: "option-marks" }, el("span", { class: "mark mark-no" }, option.missing.length ? "fact missing" : "not eligible"), ...clauses(option)),
    );
  }
}

function worth({ amounts, grants, value_minor: minor, currency }) {
  const paid = amounts.find((amount) => amount.minor > 0);
  if (paid) return money(paid);
  return grants.length ? `${grants[0].quantity} ${grants[0].unit}` : money({ minor, currency });
}

function figures(option) {
  const { currency } = option;
  const entries = [
    ["Costs us", money({ minor: option.cost_minor, currency })],
    ["Worth to them", money({ minor: option.value_minor, currency })],
    ["Confidence", percent(option.confidence)],
    ["Confirmed by", option.confirmed_by === "customer" ? "the customer" : "you"],
  ];
  return el("dl", { class: "figures" }, ...entries.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** A chip for each clause: its opening on hover or focus, the whole of it on a click. */
function clauses(option) {
  return option.clauses.map(({ clause_id: id, version, title }) => {
    const hint = el("span", { class: "hint", role: "tooltip", id: `hint-${option.id}-${id}` }, title);
    const chip = el("button", { type: "button", class: "cite", "aria-describedby": hint.id, onclick: () => openClause(id, version) }, icon("clause"), el("span", {}, el("span", { class: "unseen" }, "Policy: "), `${id} v${version}`));
    const holder = el("span", { class: "clause" }, chip, hint);
    const fill = async () => {
      holder.removeEventListener("pointerenter", fill);
      holder.removeEventListener("focusin", fill);
      const clause = await api.clause(id, version).catch(() => null);
      if (clause) hint.replaceChildren(el("b", {}, clause.title), ...richText(clause.text, openClause).filter((node) => node.tagName === "P").slice(0, 2));
    };
    holder.addEventListener("pointerenter", fill);
    holder.addEventListener("focusin", fill);
    return holder;
  });
}
