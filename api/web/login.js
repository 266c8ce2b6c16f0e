// Lists the demo people and signs one of them in, for this tab.

import { byId, el, initials } from "./dom.js";
import * as session from "./session.js";

/** Where who signs in has their work. */
const PAGES = { agent: "/desk", supervisor: "/desk", evaluator: "/evals" };

async function start() {
  try {
    const answer = await fetch("/dev/people");
    if (!answer.ok) throw new Error((await answer.json()).detail);
    for (const person of await answer.json()) {
      const group = person.role === "customer" ? "customer" : "staff";
      document.querySelector(`[data-of="${group}"]`).append(el("li", {}, card(person)));
    }
  } catch (error) {
    complain(error.message);
  }
}

function card(person) {
  const tag = person.record_locator ? `Booking ${person.record_locator}` : person.role;
  return el(
    "button",
    { type: "button", onclick: (event) => signIn(event.currentTarget, person) },
    el("span", { class: "initials", "aria-hidden": "true" }, initials(person.name)),
    el("span", { class: "person-name" }, person.name),
    el("span", { class: "person-story" }, person.story),
    el("span", { class: "person-tag" }, tag),
  );
}

async function signIn(button, { subject, story }) {
  button.disabled = true;
  try {
    const answer = await fetch("/dev/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ subject }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail);
    if (session.conversation() && !session.conversation().secret) session.setConversation(null);
    session.setPerson({ token: body.access_token, name: body.name, role: body.role, story });
    location.assign(PAGES[body.role] ?? "/");
  } catch (error) {
    button.disabled = false;
    complain(error.message);
  }
}

function complain(sentence) {
  const trouble = byId("trouble");
  trouble.textContent = sentence;
  trouble.hidden = false;
}

start();
