// What is on its way: one after the other, each under its own key until the server has kept it.
const MEDIA_SECONDS = 180;
const SECONDS = 20;
const LONGEST_WAIT = 15;

export class Outgoing {
  constructor(hooks) {
    this.hooks = hooks;
    this.queue = [];
    this.isSending = false;
    this.tries = 0;
    addEventListener("online", () => this.goOn());
  }

  get isWaiting() { return this.queue.length > 0; }

  add(message) {
    const kept = { ...message, key: newKey() };
    this.queue.push(kept);
    // The line is on the page first: then it can be marked.
    queueMicrotask(() => this.goOn());
    return kept;
  }

  stop() { this.isStopped = true; }

  goOn() {
    clearTimeout(this.timer);
    if (!this.isSending && !this.isStopped && this.queue.length) this.sendFirst();
  }

  async sendFirst() {
    const message = this.queue[0];
    this.isSending = true;
    const answer = await post(message);
    this.isSending = false;
    if (answer.again) return this.wait(message);
    this.tries = 0;
    this.hooks.offline(false);
    this.queue.shift();
    this.hooks.mark(message.key, answer.kept ? "kept" : "refused");
    if (!answer.kept) this.hooks.refused(message, answer.sorry || this.hooks.lostSentence, answer.isLost);
    if (answer.isLost) this.stop();
    return this.goOn();
  }

  wait(message) {
    this.hooks.offline(true);
    this.hooks.mark(message.key, "held");
    const seconds = Math.min(LONGEST_WAIT, 2 ** this.tries);
    this.tries += 1;
    this.timer = setTimeout(() => this.goOn(), seconds * 1000);
  }
}

// again: nobody knows whether it arrived, or the server could not take it now. The same key makes it safe to repeat.
async function post(message) {
  const form = new FormData();
  form.append("key", message.key);
  if (message.button) form.append("button", message.button);
  if (message.text) form.append("text", message.text);
  if (message.file) form.append("file", message.file, "file");
  const seconds = message.file ? MEDIA_SECONDS : SECONDS;
  try {
    const response = await fetch("/chat/say", {
      method: "POST",
      body: form,
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(seconds * 1000),
    });
    if (response.status >= 500 || response.status === 429) return { again: true };
    const said = await response.json();
    return { ...said, kept: response.ok && said.kept === true, isLost: response.status === 401 };
  } catch {
    return { again: true };
  }
}

// randomUUID is missing where the page came over plain HTTP; this is not.
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
