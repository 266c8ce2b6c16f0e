// The door of staff's pages: who is signed in, who may not enter and why, and the way out.

import { byId, initials } from "./dom.js";
import * as oidc from "./oidc.js";
import * as session from "./session.js";

const refusal = await oidc.finish("staff").then(() => null, (trouble) => trouble);

/** forget(): what this tab drops with the person who signs out */
export function install(forget = () => {}) {
  byId("sign-in").hidden = document.body.dataset.signIn === "none";
  oidc.install(byId("sign-in"), "staff", (trouble) => note(trouble.message));
  byId("sign-out").addEventListener("click", () => signOut(forget));
  if (refusal) note(refusal.message);
}

/** inside: ids of what only those who may enter see */
export function show(open, inside) {
  for (const id of [...inside, "sign-out"]) byId(id).hidden = !open;
  byId("closed").hidden = open;
  if (open) name(session.person().name);
}

/** Why the door is closed; what the sign-in service said comes first. */
export function tell(words) {
  note(refusal?.message ?? words);
}

function note(words) {
  byId("closed-note").textContent = words;
}

/** The token is good no more; whoever signs in again here goes on where they were. */
export function expired() {
  session.setPerson(null);
  location.reload();
}

function name(words) {
  byId("sign-out").querySelector(".initials").textContent = initials(words);
  byId("sign-out").querySelector(".who-name").textContent = words;
  byId("sign-out").setAttribute("aria-label", `Sign out ${words}`);
}

function signOut(forget) {
  const { hint } = session.person();
  forget();
  session.setPerson(null);
  if (hint) oidc.end("staff", hint);
  else location.reload();
}
