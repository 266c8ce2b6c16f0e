// What this tab knows: who is signed in, and which conversation is open. It goes when the tab closes.

const PERSON = "concierge.person";
const CONVERSATION = "concierge.conversation";

const read = (key) => {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
};

const write = (key, value) =>
  value === null ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, JSON.stringify(value));

/** {token, name, role, story} or null */
export const person = () => read(PERSON);
export const setPerson = (value) => write(PERSON, value);

/** {id, secret?} or null; secret: an anonymous person's proof that the conversation is theirs */
export const conversation = () => read(CONVERSATION);
export const setConversation = (value) => write(CONVERSATION, value);

/** The bearer for this conversation: its own secret while it has one, else the person's token. */
export const bearer = () => conversation()?.secret ?? person()?.token ?? null;
