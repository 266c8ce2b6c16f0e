// HTTP to Concierge. Every failure becomes a Trouble with a sentence for a person.

import { bearer, conversation, person } from "./session.js";

const OFFLINE = "We cannot reach Concierge right now. Check your connection and try again.";

export class Trouble extends Error {
  /** problem: the RFC 9457 document, when there was one; status 0: no answer came */
  constructor(sentence, status = 0, problem = null) {
    super(sentence);
    this.status = status;
    this.problem = problem;
  }
}

let ahead = 0; // how far the server's clock is ahead of this device's, in ms

/** The server's time: a device whose clock is wrong must not see a card as expired. */
export const now = () => Date.now() + ahead;

export async function request(method, path, { body, token = bearer(), headers = {}, signal } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      signal,
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble(OFFLINE);
  }
  ahead = (Date.parse(answer.headers.get("Date")) || Date.now()) - Date.now();
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => null);
  throw new Trouble(problem?.detail ?? `Concierge answered with an error (${answer.status}).`, answer.status, problem);
}

const json = async (...args) => (await request(...args)).json();
const here = (rest = "") => `/v1/conversations/${encodeURIComponent(conversation().id)}${rest}`;

export const open = () => json("POST", "/v1/conversations", { body: {}, token: person()?.token ?? null });
export const signIn = () => json("GET", "/v1/sign-in", { token: null });
export const me = (token) => json("GET", "/v1/me", { token });
export const read = () => json("GET", here());
export const claim = (secret) => json("POST", here("/claim"), { body: { secret }, token: person().token });
export const confirm = (id) => json("POST", `/v1/proposals/${encodeURIComponent(id)}/confirm`);
export const decline = (id) => json("POST", `/v1/proposals/${encodeURIComponent(id)}/decline`);
export const rate = (message, rating) =>
  request("POST", here(`/messages/${encodeURIComponent(message)}/feedback`), { body: { rating } });

export function clause(id, version) {
  const query = version ? `?version=${encodeURIComponent(version)}` : "";
  return json("GET", `/v1/policies/${encodeURIComponent(id)}${query}`, { token: person()?.token ?? null });
}

/** Yields {kind, data} of one turn. The same key may be sent again: the turn happens once. */
export async function* say(text, key) {
  const answer = await request("POST", here("/messages"), {
    body: { text },
    headers: { Accept: "text/event-stream", "Idempotency-Key": key },
  });
  yield* events(answer);
}

/** Yields {kind, data, id} of the conversation for as long as the connection holds. */
export async function* follow(after, signal) {
  const headers = { Accept: "text/event-stream", "Last-Event-ID": String(after) };
  yield* events(await request("GET", here("/events"), { headers, signal }));
}

async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Trouble("The connection broke before the answer was complete.");
    });
    if (done) return;
    held += value;
    const frames = held.split("\n\n");
    held = frames.pop();
    for (const frame of frames) {
      const event = parse(frame);
      if (event) yield event;
    }
  }
}

function parse(frame) {
  const fields = {};
  for (const line of frame.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
  }
  return fields.data === undefined ? null : { kind: fields.event, data: JSON.parse(fields.data), id: Number(fields.id ?? 0) };
}
