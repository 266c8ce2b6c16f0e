// Authorization code with PKCE (RFC 7636) at the person's identity provider: this page is a client without a secret.

import * as api from "./api.js";
import * as session from "./session.js";

const NOT_OURS = "This sign-in was not begun in this tab. Please sign in again.";
const FAILED = "The sign-in service did not complete the sign-in. Please try again.";
const AWAY = "The sign-in service cannot be reached right now. Please try again in a minute.";

/** The link of a page whose people sign in at a provider; elsewhere it leads to the demo people. */
export function install(link, who, complain) {
  if (document.body.dataset.signIn !== "provider") return;
  link.href = "#sign-in";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    begin(who).catch(complain);
  });
}

/** who: "customers" or "staff". Leaves this page for the identity provider's. */
async function begin(who) {
  const client = await clientOf(who);
  const { authorization_endpoint: address } = await discover(client.issuer);
  const begun = { who, issuer: client.issuer, state: random(), nonce: random(), verifier: random() };
  session.setSigningIn(begun);
  const asked = new URLSearchParams({
    response_type: "code",
    response_mode: "fragment",
    client_id: client.client_id,
    redirect_uri: here(),
    scope: client.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await challenge(begun.verifier),
    code_challenge_method: "S256",
  });
  location.assign(`${address}?${asked}`);
}

/** After the way back: keeps the person in this tab. False if nobody came back; raises Trouble if it failed. */
export async function finish(who) {
  const answer = new URLSearchParams(location.hash.slice(1));
  if (!answer.has("state")) return false;
  history.replaceState(null, "", location.pathname);
  const begun = session.signingIn();
  session.setSigningIn(null);
  if (begun?.who !== who || begun.state !== answer.get("state")) throw new api.Trouble(NOT_OURS);
  if ((answer.get("iss") ?? begun.issuer) !== begun.issuer) throw new api.Trouble(NOT_OURS); // RFC 9207
  if (!answer.get("code")) throw new api.Trouble(FAILED);
  const client = await clientOf(who);
  const tokens = await exchange(client, begun, answer.get("code"));
  const proof = proven(tokens.id_token, client, begun);
  const me = await api.me(tokens.access_token);
  session.setPerson({ token: tokens.access_token, hint: tokens.id_token, name: me.name || proof.name || "You", role: me.role, subject: me.subject });
  return true;
}

/** Signs out at the identity provider too, where it offers that; otherwise this page is shown anew. */
export async function end(who, hint) {
  try {
    const client = await clientOf(who);
    const { end_session_endpoint: address } = await discover(client.issuer);
    const asked = new URLSearchParams({ client_id: client.client_id, id_token_hint: hint, post_logout_redirect_uri: here() });
    if (address) return location.assign(`${address}?${asked}`);
  } catch {
    // This tab has forgotten its person already.
  }
  location.reload();
}

async function clientOf(who) {
  const client = (await api.signIn())[who];
  if (!client) throw new api.Trouble("There is no sign-in here.");
  return client;
}

const here = () => location.origin + location.pathname;

async function discover(issuer) {
  const found = await read(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (found.issuer !== issuer) throw new api.Trouble(FAILED);
  return found;
}

async function exchange(client, begun, code) {
  const { token_endpoint: address } = await discover(begun.issuer);
  const form = { grant_type: "authorization_code", client_id: client.client_id, redirect_uri: here(), code, code_verifier: begun.verifier };
  return read(address, { method: "POST", body: new URLSearchParams(form) });
}

async function read(address, how = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...how, credentials: "omit" });
  } catch {
    throw new api.Trouble(AWAY);
  }
  if (!answer.ok) throw new api.Trouble(answer.status >= 500 ? AWAY : FAILED, answer.status);
  return answer.json();
}

/** It came straight from the token endpoint, so its signature need not be checked here (OpenID Connect Core, 3.1.3.7). */
function proven(token, client, begun) {
  const claims = claimsOf(token);
  const meant = [claims.aud].flat().includes(client.client_id);
  if (claims.iss !== begun.issuer || claims.nonce !== begun.nonce || !meant) throw new api.Trouble(NOT_OURS);
  return claims;
}

function claimsOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new api.Trouble(FAILED);
  }
}

/** 256 bits. */
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const challenge = async (verifier) => base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
