// What this tab knows: who is signed in, and which conversation is open. It goes when the tab closes.

const PERSON = "concierge.person";
const SIGNING_IN = "concierge.sign-in";
const CONVERSATION = "concierge.conversation";

/** A browser may close its storage to pages in frames: then this page's memory has to do. */
const memory = new Map();

const store = (() => {
  try {
    sessionStorage.getItem(PERSON);
    return sessionStorage;
  } catch {
    return { getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => memory.set(key, value), removeItem: (key) => memory.delete(key) };
  }
})();

const read = (key) => {
  try {
    return JSON.parse(store.getItem(key));
  } catch {
    return null;
  }
};

const write = (key, value) => (value === null ? store.removeItem(key) : store.setItem(key, JSON.stringify(value)));

/** {token, name, role, story?, hint?} or null; hint: the ID token, to sign out with at the identity provider */
export const person = () => read(PERSON);
export const setPerson = (value) => write(PERSON, value);

/** {who, issuer, state, nonce, verifier} while this tab is away at an identity provider, else null */
export const signingIn = () => read(SIGNING_IN);
export const setSigningIn = (value) => write(SIGNING_IN, value);

/** {id, secret?} or null; secret: an anonymous person's proof that the conversation is theirs */
export const conversation = () => read(CONVERSATION);
export const setConversation = (value) => write(CONVERSATION, value);

/** The bearer for this conversation: its own secret while it has one, else the person's token. */
export const bearer = () => conversation()?.secret ?? person()?.token ?? null;
