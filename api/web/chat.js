// The customer's page: opens or resumes a conversation, sends words, shows what comes back.

import * as api from "./api.js";
import { installClauseSheet } from "./clause.js";
import { byId, el, initials } from "./dom.js";
import { embedded, expire, listenToHost } from "./embedded.js";
import * as oidc from "./oidc.js";
import * as session from "./session.js";
import { isOpen } from "./proposal.js";
import { Thread } from "./thread.js";

const LONGEST = 4000;
const COUNT_FROM = 3500;
const IDEAS = {
  anyone: ["How many cabin bags may I take?", "Is flight GA101 on time?", "Can I get my money back if I cancel?", "I would like to talk to a person"],
  customer: ["Please cancel my booking", "Which bookings do I have?", "How many cabin bags may I take?", "I would like to talk to a person"],
};
const FOLLOWED = new Set(["offered", "queued", "assigned"]);
const PAUSES = [1000, 2000, 5000, 15000];

const thread = new Thread();
const words = byId("words");
let busy = false;
let following = null;

async function start() {
  installClauseSheet();
  composer();
  const refusal = await oidc.finish("customers").then(() => null, (trouble) => trouble);
  oidc.install(byId("sign-in"), "customers", (trouble) => thread.complain(trouble.message, null));
  account();
  ideas();
  byId("restart").addEventListener("click", restart);
  byId("sign-out").addEventListener("click", signOut);
  thread.onChoice = (ask) => send(ask);
  await resume();
  if (refusal) thread.complain(refusal.message, null);
  if (embedded) listenToHost({ onPerson: enter });
  else words.focus();
}

// Who


function account() {
  const who = session.person();
  const offered = document.body.dataset.signIn !== "none";
  byId("sign-in").hidden = !offered || who !== null || embedded;
  byId("sign-out").hidden = who === null || embedded;
  if (who === null) return;
  byId("sign-out").querySelector(".initials").textContent = initials(who.name);
  byId("sign-out").querySelector(".who-name").textContent = who.name;
  byId("sign-out").setAttribute("aria-label", `Sign out ${who.name}`);
}

function ideas() {
  const who = session.person();
  byId("greeting").textContent = who ? `Hello ${who.name.split(" ")[0]}, how can we help?` : "How can we help with your trip?";
  if (who?.story) byId("welcome-note").textContent = `Your story: ${who.story} Nothing is ever changed until you confirm it.`;
  const chosen = who ? IDEAS.customer : IDEAS.anyone;
  byId("ideas").replaceChildren(
    ...chosen.map((idea) => el("li", {}, el("button", { type: "button", onclick: () => send(idea) }, idea))),
  );
}

/** The page around us says who its visitor is, or that they left. Another person starts anew. */
async function enter(who) {
  const before = session.person();
  session.setPerson(who);
  const known = session.conversation();
  if (known && !known.secret && before?.subject !== who?.subject) session.setConversation(null);
  unfollow();
  thread.clear();
  account();
  ideas();
  await resume();
}

function signOut() {
  const { hint } = session.person();
  session.setPerson(null);
  session.setConversation(null);
  if (hint) oidc.end("customers", hint);
  else location.reload();
}

// The conversation

async function restart() {
  session.setConversation(null);
  unfollow();
  thread.clear();
  welcome();
  handoff({ state: "none" });
  ideas();
  words.focus();
}

function welcome() {
  byId("welcome").hidden = !thread.empty;
  byId("restart").hidden = thread.empty;
}

async function resume() {
  const known = session.conversation();
  if (known === null) return welcome();
  try {
    const view = await recall(known);
    show(view);
  } catch (trouble) {
    lost(trouble);
  }
  welcome();
  thread.toEnd();
}

/** After a sign-in the anonymous conversation goes on as the person's own. */
async function recall(known) {
  if (!known.secret || !session.person()) return api.read();
  const view = await api.claim(known.secret);
  session.setConversation({ id: known.id });
  return view;
}

function lost(trouble) {
  if (trouble.status === 401) return expired(trouble);
  if (trouble.status === 404) return session.setConversation(null);
  thread.complain(trouble.message, resume);
}

function expired(trouble) {
  if (embedded) expire();
  session.setPerson(null);
  session.setConversation(null);
  account();
  ideas();
  thread.complain(trouble.message, null);
}

function show(view) {
  for (const message of view.messages) thread.add(message);
  proposals(view.proposals);
  handoff(view.handoff);
  welcome();
}

/** Cards still open are shown; an ended one is shown only where it already stood. */
function proposals(listed) {
  for (const proposal of listed) {
    if (thread.cards.has(proposal.id) || isOpen(proposal)) thread.propose(proposal);
  }
}

async function refresh() {
  try {
    show(await api.read());
  } catch {
    // The next event, message or reload brings it.
  }
}

// A turn

async function send(text) {
  if (busy) return;
  lock(true);
  thread.sent(text);
  welcome();
  await turn(text, crypto.randomUUID());
  lock(false);
  words.focus();
}

async function turn(text, key) {
  const reply = thread.reply();
  reply.wait();
  try {
    if (session.conversation() === null) await begin();
    for await (const event of api.say(text, key)) await hear(event, reply);
    reply.drop();
  } catch (trouble) {
    reply.drop();
    if (trouble.status === 401) return expired(trouble);
    thread.complain(trouble.message, retryable(trouble) ? () => again(text, key) : null);
  }
}

async function again(text, key) {
  lock(true);
  await turn(text, key);
  lock(false);
}

const retryable = ({ status }) => status === 0 || status === 429 || status >= 500;

async function begin() {
  const { id, secret } = await api.open();
  session.setConversation(secret ? { id, secret } : { id });
}

async function hear({ kind, data }, reply) {
  if (kind === "tool") reply.used(data);
  else if (kind === "sentence") reply.speak(data.text);
  else if (kind === "citation") reply.cite(data);
  else if (kind === "handoff") handoff(data);
  else if (kind === "error") throw new api.Trouble(data.problem.detail, data.problem.status, data.problem);
  else if (kind === "done") await done(data.answer, reply);
}

async function done(answer, reply) {
  if (answer.secret) session.setConversation({ ...session.conversation(), secret: answer.secret });
  if (answer.message.text) reply.finish(answer.message, answer.proposals.some(isOpen));
  else reply.drop();
  const asked = thread.hasOpenCard();
  for (const proposal of answer.proposals) thread.propose(proposal);
  if (asked) await refresh();
  handoff(answer.handoff);
  thread.announce(spoken(answer));
}

const spoken = ({ message, proposals: cards }) =>
  [message.text.replaceAll("**", ""), ...cards.filter(isOpen).map((card) => `To confirm: ${card.summary}. Confirm and Decline are below.`)].join(" ");

// Hand-off: while a person may answer, the conversation is followed live

function handoff({ state, position, case_id: reference, note }) {
  const box = byId("handoff");
  const parts = {
    queued: ["You are in the queue. ", position ? `Your place: ${position}. ` : "", reference ? `Your reference: ${reference}. ` : "", note ?? ""],
    assigned: ["A colleague has joined. ", "You are talking with a person now."],
  }[state];
  if (parts && box.hidden) requestAnimationFrame(() => thread.toEnd());
  box.hidden = !parts;
  box.replaceChildren(...(parts ? [el("strong", {}, parts[0]), ...parts.slice(1)] : []));
  if (FOLLOWED.has(state)) follow();
  else unfollow();
}

function unfollow() {
  following?.abort();
  following = null;
}

async function follow() {
  if (following) return;
  const mine = (following = new AbortController());
  let after = 0;
  for (let failures = 0; !mine.signal.aborted; failures += 1) {
    try {
      for await (const event of api.follow(after, mine.signal)) {
        failures = 0;
        after = event.id;
        if (!busy) await refresh();
      }
    } catch (trouble) {
      if (trouble.status >= 400 && trouble.status < 500) return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(failures, PAUSES.length - 1)]));
  }
}

// The composer

function composer() {
  words.addEventListener("input", grow);
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId("composer").requestSubmit();
  });
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = words.value.trim();
    if (!text || text.length > LONGEST || busy) return;
    words.value = "";
    grow();
    send(text);
  });
  grow();
}

function grow() {
  words.style.height = "auto";
  words.style.height = `${words.scrollHeight}px`;
  const length = [...words.value.trim()].length;
  const count = byId("count");
  count.textContent = length >= COUNT_FROM ? `${length.toLocaleString("en-GB")} of 4,000` : "";
  count.className = length > LONGEST ? "count count-over" : "count";
  lock(busy);
}

function lock(now) {
  busy = now;
  const length = [...words.value.trim()].length;
  byId("composer").querySelector(".send").disabled = busy || length === 0 || length > LONGEST;
  thread.node.setAttribute("aria-busy", String(busy));
}

start();
