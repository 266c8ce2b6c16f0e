// <concierge-chat>: for pages of others. It inserts a frame from our origin and passes on who is signed in; it holds no
// conversation, no button and no answer, so the page around it can neither read what is said nor confirm anything.
//
//   <script src="https://concierge.example/web/embed.js" async></script>
//   <concierge-chat></concierge-chat>
//   document.querySelector("concierge-chat").signIn({ token, name });

(() => {
  const home = new URL(document.currentScript.src).origin;

  class ConciergeChat extends HTMLElement {
    #frame = null;
    #ready = false;
    #person = null;

    connectedCallback() {
      if (this.#frame) return;
      const frame = document.createElement("iframe");
      frame.src = `${home}/embed`;
      frame.title = this.getAttribute("label") ?? "Chat with Concierge";
      frame.referrerPolicy = "origin";
      Object.assign(frame.style, { display: "block", width: "100%", height: "100%", border: "0" });
      if (!this.style.display) this.style.display = "block";
      if (!this.style.height) this.style.height = this.getAttribute("height") ?? "40rem";
      window.addEventListener("message", this.#hear);
      this.#frame = frame;
      this.attachShadow({ mode: "closed" }).append(frame);
    }

    disconnectedCallback() {
      window.removeEventListener("message", this.#hear);
    }

    /** token: an access token of your visitor, for Concierge's audience; name: how to greet them */
    signIn({ token, name = "" }) {
      this.#person = { token, name };
      this.#tell();
    }

    signOut() {
      this.#person = { token: null, name: "" };
      this.#tell();
    }

    #hear = ({ data, origin, source }) => {
      if (origin !== home || source !== this.#frame?.contentWindow) return;
      if (data?.type === "concierge:ready") {
        this.#ready = true;
        this.#tell();
      }
      if (data?.type === "concierge:expired") this.dispatchEvent(new CustomEvent("concierge-expired", { bubbles: true }));
    };

    #tell() {
      if (!this.#ready || !this.#person) return;
      this.#frame.contentWindow.postMessage({ type: "concierge:person", ...this.#person }, home);
    }
  }

  if (!customElements.get("concierge-chat")) customElements.define("concierge-chat", ConciergeChat);
})();
