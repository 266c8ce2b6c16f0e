// The desk: one case open at a time, everything on it as the server has it now, whatever colleagues do meanwhile.

import { installClauseSheet } from "./clause.js";
import { OpenCase, supervising } from "./desk_case.js";
import { clearCustomer, showCustomer } from "./desk_customer.js";
import { installKeys } from "./desk_keys.js";
import { Options } from "./desk_options.js";
import { Queue } from "./desk_queue.js";
import { showRates } from "./desk_rates.js";
import { toast } from "./desk_toasts.js";
import { byId } from "./dom.js";
import * as door from "./door.js";
import { listen } from "./live.js";
import * as session from "./session.js";
import * as staff from "./staff.js";

const OPEN = "concierge.desk.case";
const REFRESH_EVERY = 20_000; // other processes' news do not come through our socket
const me = staff.subject();

const queue = new Queue((id) => open(id));
const talk = new OpenCase({
  take: () => act(staff.take, "You have the case."),
  giveBack: () => act(staff.giveBack, "The case is back in the queue."),
  close: () => act(staff.close, "The case is closed.").then((done) => done && leave()),
  approve: (proposal, reason) => attempt(() => staff.approve(proposal.id, reason), "Approved."),
  confirm: (proposal) => attempt(() => staff.confirm(proposal.id), "Done on the caller's word."),
});
const options = new Options({ accept, reject });
const resolutions = new Map();
let view = null;
let reading = 0;

function start() {
  const who = session.person();
  const staffed = who && ["agent", "supervisor"].includes(who.role);
  door.install(() => sessionStorage.removeItem(OPEN));
  door.show(Boolean(staffed), ["desk", "new-call", "show-rates", "show-keys", "line"]);
  if (who && !staffed) door.tell(`${who.name} is not on the contact centre's staff.`);
  if (!staffed) return;
  installClauseSheet();
  installDialogs();
  installComposer();
  keys();
  byId("again").addEventListener("click", () => workOut(true));
  listen({ ready: reread, frame: hear, state: line });
  setInterval(() => refreshQueue().catch(() => {}), REFRESH_EVERY);
}

// What happens

function line(state) {
  const words = { live: "Live", lost: "Connection lost, trying again", refused: "Sign in again" }[state];
  byId("line").dataset.state = state;
  byId("line").querySelector("b").textContent = words;
  if (state === "refused") door.expired();
}

/** After every connection: the whole picture, so that nothing is lost however long we were away. */
async function reread() {
  await refreshQueue().catch(complain);
  const known = view?.case.case_id ?? sessionStorage.getItem(OPEN);
  if (known) await open(known, { quietly: true });
}

function hear(frame) {
  const { type, case_id: id } = frame;
  if (type === "reread") return reread();
  if (type === "screen_pop") return popUp(frame);
  if (type === "case.created") announce(frame);
  if (type === "message" && id !== view?.case.case_id) queue.unread.add(id);
  refreshQueue().catch(() => {});
  if (id === view?.case.case_id) refreshCase().catch(() => {});
}

function announce({ case_id: id }) {
  toast({ title: "A customer asks for a person", text: `Case ${id}`, acts: [["Open", () => open(id)], ["Take over", () => open(id).then(() => act(staff.take, "You have the case."))]] });
}

function popUp({ caller, customer, matches, language, cases }) {
  const who = customer ?? (matches > 1 ? `${matches} customers have this number` : "nobody we know by this number");
  const about = [`Call from ${caller}`, language, "not verified"].filter(Boolean).join(" · ");
  const acts = cases.slice(0, 2).map((id) => [`Open ${id}`, () => open(id)]);
  toast({ title: who, text: about, kind: "call", stays: true, acts: [...acts, ["Open by booking", () => byId("call").showModal()]] });
}

async function refreshQueue() {
  queue.show(await staff.cases(), me, view?.case.case_id ?? null);
}

async function refreshCase() {
  if (!view) return;
  const id = view.case.case_id;
  const fresh = await staff.readCase(id);
  if (view?.case.case_id === id) show(fresh);
}

// The open case

async function open(id, { quietly = false } = {}) {
  const mine = (reading += 1);
  try {
    const fresh = await staff.readCase(id);
    if (mine !== reading) return;
    queue.unread.delete(id);
    sessionStorage.setItem(OPEN, id);
    const other = view?.case.case_id !== id;
    view = fresh;
    if (other) options.clear("Working out what is possible …");
    show(fresh);
    if (!quietly) byId("case").focus(); // before anything slow: who types by then keeps the keys
    await refreshQueue();
    if (fresh.case.status !== "closed") await workOut(false);
  } catch (trouble) {
    sessionStorage.removeItem(OPEN);
    if (!quietly) complain(trouble);
  }
}

function show(fresh) {
  view = fresh;
  talk.show(fresh, me);
  showCustomer(fresh.customer, fresh.packet);
  const known = resolutions.get(fresh.case.case_id);
  if (known) options.show(known, mayAct());
}

const mayAct = () => view?.case.status === "assigned" && view.case.assignee === me;

function leave() {
  view = null;
  sessionStorage.removeItem(OPEN);
  talk.clear();
  clearCustomer();
  options.clear();
  refreshQueue().catch(() => {});
}

async function workOut(anew) {
  const id = view?.case.case_id;
  if (!id) return;
  try {
    if (anew || !resolutions.has(id)) resolutions.set(id, await staff.resolve({ case_id: id }));
    if (view?.case.case_id === id) options.show(resolutions.get(id), mayAct());
  } catch (trouble) {
    options.clear(trouble.message);
    byId("again").hidden = false;
  }
}

const act = (how, done) => (view ? attempt(() => how(view.case.case_id), done) : Promise.resolve(false));

/** One deed: what came of it is told, and everything is read again, also after a refusal. */
async function attempt(how, done) {
  let went = true;
  try {
    await how();
    tell(done);
  } catch (trouble) {
    went = false;
    complain(trouble);
  }
  await Promise.allSettled([refreshCase(), refreshQueue()]);
  return went;
}

async function accept(option, reply) {
  const resolution = options.resolution;
  await attempt(async () => {
    const done = await (reply === null ? staff.accept(resolution.id, option.id) : staff.edit(resolution.id, option.id, reply));
    const words = done.message || "Done.";
    if (done.proposal) options.decide(option, `${done.verdict === "edited" ? "Accepted with your words" : "Accepted"}. ${words}`);
    else throw new Error(words);
  }, `${option.label}: accepted.`);
}

async function reject(option, reason) {
  const resolution = options.resolution;
  await attempt(async () => {
    await staff.reject(resolution.id, option.id, reason);
    options.decide(option, `Rejected: ${reason}`);
  }, `${option.label}: rejected.`);
}

function tell(words) {
  byId("spoken").textContent = words;
}

function complain(trouble) {
  toast({ title: trouble.message, kind: "trouble" });
  if (trouble.status === 401) door.expired();
}

// Writing

function installComposer() {
  const form = byId("composer");
  const words = byId("words");
  const mode = () => form.elements.mode.value;
  form.addEventListener("change", () => {
    form.dataset.mode = mode();
    words.placeholder = mode() === "note" ? "For colleagues only" : "Write to the customer";
  });
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = words.value.trim();
    if (!text) return;
    const send = mode() === "note" ? staff.note : staff.write;
    words.value = "";
    if (!(await act((id) => send(id, text), send === staff.note ? "Note kept." : "Sent.")) && !words.value) words.value = text;
  });
}

function write(mode) {
  const radio = [...byId("composer").elements.mode].find(({ value }) => value === mode);
  if (byId("composer").hidden || radio.disabled) return;
  radio.checked = true;
  byId("composer").dispatchEvent(new Event("change"));
  byId("words").focus();
}

// Dialogs and keys

function installDialogs() {
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  byId("new-call").addEventListener("click", () => byId("call").showModal());
  byId("show-rates").addEventListener("click", () => showRates().catch(complain));
  byId("call-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const trouble = form.querySelector(".box-trouble");
    trouble.textContent = "";
    try {
      const made = await staff.resolve({ record_locator: form.locator.value.trim(), reason: form.reason.value.trim() });
      resolutions.set(made.case_id, made);
      byId("call").close();
      form.reset();
      await staff.take(made.case_id).catch(complain);
      await open(made.case_id);
    } catch (refused) {
      trouble.textContent = refused.message;
    }
  });
}

function keys() {
  const row = () => document.activeElement?.dataset?.case;
  installKeys([
    ["j", "Next case", () => queue.move(1, view?.case.case_id)],
    ["k", "Previous case", () => queue.move(-1, view?.case.case_id)],
    ["t", "Take over the case", async () => (row() && row() !== view?.case.case_id ? open(row()).then(() => act(staff.take, "You have the case.")) : act(staff.take, "You have the case."))],
    ["g", "Give the case back", () => (mayAct() || supervising()) && act(staff.giveBack, "The case is back in the queue.")],
    ["x", "Close the case", () => mayAct() && act(staff.close, "The case is closed.").then((done) => done && leave())],
    ["m", "Write to the customer", () => write("message")],
    ["n", "Write an internal note", () => write("note")],
    ["1-9", "Choose an option", (key) => options.choose(Number(key))],
    ["a", "Accept the chosen option", () => options.accept()],
    ["e", "Edit its draft", () => options.focus("draft")],
    ["d", "Reject it, with a reason", () => options.focus("reason")],
    ["o", "Work the options out again", () => workOut(true)],
    ["p", "Approve, with a reason", () => document.querySelector("#talk [name=reason]")?.focus()],
    ["/", "Open a case for a caller", () => byId("call").showModal()],
    ["?", "Show these keys", () => byId("keys").showModal()],
  ]);
}

start();
