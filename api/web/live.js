// The desk's WebSocket: proves itself first, then hears what happens; comes back by itself after a loss.

import { person } from "./session.js";

const PAUSES = [500, 1000, 2000, 5000, 10000];
const REFUSED = 4401;
const SEEN = "concierge.desk.pop";

/** on: {ready(), frame(frame), state("live" | "lost" | "refused")} */
export function listen(on) {
  let failures = 0;
  let socket;
  let again;

  function open() {
    socket = new WebSocket(new URL("/v1/desk", location.href.replace(/^http/, "ws")));
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ token: person()?.token ?? "", after: Number(sessionStorage.getItem(SEEN) ?? 0) }));
    });
    socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => {
      if (code === REFUSED) return on.state("refused");
      on.state("lost");
      clearTimeout(again);
      if (navigator.onLine) again = setTimeout(open, PAUSES[Math.min(failures, PAUSES.length - 1)]);
      failures += 1;
    });
  }

  function hear(frame) {
    if (frame.type === "ready") {
      failures = 0;
      on.state("live");
      on.ready();
      return;
    }
    if (frame.type === "screen_pop") sessionStorage.setItem(SEEN, String(frame.id));
    on.frame(frame);
  }

  // A browser keeps a dead socket open for minutes: what it knows of its network comes first.
  window.addEventListener("offline", () => socket.close());
  window.addEventListener("online", () => {
    clearTimeout(again);
    failures = 0;
    if (socket.readyState === WebSocket.CLOSED) open();
  });
  open();
}
