// The conversation on screen: what was said, what was looked up, the cards, and what went wrong.

import * as api from "./api.js";
import { openClause } from "./clause.js";
import { byId, el, icon } from "./dom.js";
import { ProposalCard, citations, money } from "./proposal.js";
import { richText } from "./richtext.js";

const ACTIVITY = {
  search_policies: "Read our policies",
  get_flight_status: "Checked the flight",
  search_flights: "Looked for flights",
  get_booking: "Looked at the booking",
  list_bookings: "Looked at your bookings",
  check_eligibility: "Checked the rules",
  list_resolutions: "Looked for options",
  verify_booking: "Checked the booking reference",
  send_code: "Sent a code",
  check_code: "Checked the code",
  get_profile: "Read your profile",
  get_consents: "Read your consents",
  list_cases: "Looked at your cases",
  hand_off: "Called a colleague",
};
const FINE = new Set(["done", "proposed"]);
const NEAR_END = 140;

export class Thread {
  constructor() {
    this.node = byId("thread");
    this.room = this.node.parentElement;
    this.cards = new Map();
    this.shown = new Set();
    this.onChoice = () => {};
    this.unnamed = 0; // own words on screen whose id the server has not told yet
  }

  clear() {
    this.unnamed = 0;
    this.node.replaceChildren();
    this.cards.clear();
    this.shown.clear();
  }

  get empty() {
    return !this.node.hasChildNodes();
  }

  announce(sentence) {
    byId("spoken").textContent = sentence;
  }

  /** Adds what is not yet on screen; the order is the server's. */
  add(message) {
    if (this.shown.has(message.id)) return;
    this.shown.add(message.id);
    if (message.role === "customer" && this.unnamed > 0) this.unnamed -= 1;
    else if (message.role === "customer") this.addOwn(message.text);
    else new Reply(this, message.role).finish(message);
  }

  addOwn(text) {
    this.append(el("div", { class: "said said-customer" }, el("span", { class: "unseen" }, "You: "), text));
    this.toEnd();
  }

  sent(text) {
    this.unnamed += 1;
    this.addOwn(text);
  }

  reply() {
    return new Reply(this, "assistant");
  }

  propose(proposal) {
    const known = this.cards.get(proposal.id);
    if (known) {
      known.show(proposal);
      return;
    }
    const card = new ProposalCard(proposal, {
      onExecuted: (message) => {
        this.add(message);
        this.announce(message.text);
      },
      onReplaced: (successor) => this.propose(successor),
      announce: (sentence) => this.announce(sentence),
    });
    this.cards.set(proposal.id, card);
    this.append(card.node);
  }

  hasOpenCard() {
    return [...this.cards.values()].some((card) => card.open);
  }

  /** A failure in words, with a way to try again. */
  complain(sentence, retry) {
    const notice = el("div", { class: "notice", role: "alert" }, el("span", {}, sentence));
    if (retry) {
      const again = () => {
        notice.remove();
        retry();
      };
      notice.append(el("button", { type: "button", onclick: again }, "Try again"));
    }
    this.append(notice);
    this.toEnd();
  }

  append(node) {
    const near = this.nearEnd();
    this.node.append(node);
    if (near) this.toEnd();
  }

  nearEnd() {
    return this.room.scrollHeight - this.room.scrollTop - this.room.clientHeight < NEAR_END;
  }

  toEnd() {
    this.room.scrollTop = this.room.scrollHeight;
  }
}

class Reply {
  constructor(thread, role) {
    this.thread = thread;
    this.text = "";
    this.clauses = [];
    this.activity = el("ul", { class: "activity", "aria-label": "What was checked" });
    this.words = el("div", { class: "prose" });
    this.foot = el("div", { class: "foot" });
    this.waiting = el("div", { class: "typing", "aria-label": "Concierge is writing" }, el("i"), el("i"), el("i"));
    this.waiting.setAttribute("role", "img");
    this.speech = el("div", { class: "speech" }, this.words, this.foot);
    const name = role === "agent" ? "Colleague: " : "Concierge: ";
    this.node = el("div", { class: `said said-${role}` }, avatar(role), this.speech);
    this.speech.prepend(el("span", { class: "unseen" }, name));
    thread.append(this.node);
  }

  wait() {
    this.speech.append(this.waiting);
    this.thread.toEnd();
  }

  used({ name, outcome }) {
    const words = ACTIVITY[name];
    if (!words || !FINE.has(outcome)) return;
    if (!this.activity.isConnected) this.words.before(this.activity);
    this.activity.append(el("li", {}, icon("check"), words));
    if (name === "send_code" && document.body.dataset.signIn === "development") this.activity.append(demoPost());
  }

  speak(sentence) {
    const near = this.thread.nearEnd();
    this.text += sentence;
    this.words.replaceChildren(...richText(this.text, openClause));
    if (near) this.thread.toEnd();
  }

  cite(clause) {
    if (this.clauses.some((known) => known.clause_id === clause.clause_id)) return;
    this.clauses.push(clause);
    this.foot.replaceChildren(citations(this.clauses));
  }

  /** carded: a proposal follows, with the same clauses and buttons of its own */
  finish(message, carded = false) {
    const near = this.thread.nearEnd();
    this.waiting.remove();
    this.text = "";
    this.speak(message.text);
    this.clauses = carded ? [] : [...message.citations];
    const rated = message.role === "assistant" && !carded ? thumbs(message.id) : null;
    this.foot.replaceChildren(...[citations(this.clauses), rated].filter(Boolean));
    if (message.choices?.length && !carded) this.foot.before(this.choices(message.choices));
    this.thread.shown.add(message.id);
    if (near) this.thread.toEnd();
  }

  /** Asking for one is only a message: what it would do comes back as a card to confirm. */
  choices(listed) {
    const cards = listed.map(({ label, ask, amounts }) => {
      const worth = amounts.find(({ minor }) => minor > 0);
      return el("li", {}, el("button", { type: "button", class: "choice", onclick: () => this.thread.onChoice(ask) }, el("span", {}, label), worth ? el("b", {}, money(worth)) : null));
    });
    return el("ul", { class: "choices", "aria-label": "Your options" }, ...cards);
  }

  drop() {
    this.waiting.remove();
    if (!this.text) this.node.remove();
  }
}

function avatar(role) {
  if (role === "agent") return el("span", { class: "avatar avatar-agent", "aria-hidden": "true" }, icon("person"));
  return el("img", { class: "avatar", src: "/web/mark.svg", alt: "" });
}

/** Codes of the embedded airline arrive on its own page. */
const demoPost = () =>
  el("li", {}, el("a", { class: "link", href: "/dev/airline", target: "_blank", rel: "noopener" }, "Read it at the demo airline"));

function thumbs(message) {
  const group = el("div", { class: "thumbs", role: "group", "aria-label": "Was this helpful?" });
  for (const [rating, label] of [["up", "Helpful"], ["down", "Not helpful"]]) {
    const button = el("button", { type: "button", "aria-label": label, title: label, "aria-pressed": "false" }, icon(rating));
    button.addEventListener("click", async () => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
      await api.rate(message, rating).catch(() => button.setAttribute("aria-pressed", "false"));
    });
    group.append(button);
  }
  return group;
}
