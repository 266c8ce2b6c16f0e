// The chat inside another page: that page may say who its visitor is, and nothing else.

const ORIGINS = (document.body.dataset.embed ?? "").split(" ").filter(Boolean);
export const embedded = document.body.dataset.embed !== undefined && window.parent !== window;
const LONGEST = 8192;

/** onPerson({token, name, subject} or null). Words from any other page or window are not heard. */
export function listenToHost({ onPerson }) {
  window.addEventListener("message", ({ data, origin, source }) => {
    if (source !== window.parent || !ORIGINS.includes(origin) || data?.type !== "concierge:person") return;
    if (data.token === null) onPerson(null);
    else if (isToken(data.token)) onPerson({ token: data.token, name: named(data.name), subject: subjectOf(data.token) });
  });
  tell("concierge:ready");
}

/** The token is good no more: the page around us may bring another. */
export const expire = () => tell("concierge:expired");

function tell(type) {
  for (const origin of ORIGINS) window.parent.postMessage({ type }, origin);
}

const isToken = (token) => typeof token === "string" && token.length <= LONGEST && token.split(".").length === 3;
const named = (name) => (typeof name === "string" && name.trim() ? name.trim().slice(0, 80) : "You");

function subjectOf(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub;
  } catch {
    return null;
  }
}
