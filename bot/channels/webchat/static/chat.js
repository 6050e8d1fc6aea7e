// The page works without this file; with it, answers come by themselves and nothing typed is lost when the network is.
import { Lines } from "./lines.js";
import { listen } from "./listening.js";
import { Outgoing } from "./sending.js";
import { readAloud } from "./speaking.js";
import { closeWhenQuiet } from "./quiet.js";
import { attachPhoto } from "./photo.js";
import { recordVoice } from "./recording.js";

const page = document.body;
const byId = (id) => document.getElementById(id);
const sentences = byId("sentences").dataset;
const box = byId("box");
const words = byId("words");

const tell = (id, sentence) => { if (byId(id).textContent !== sentence) byId(id).textContent = sentence; };
const isShared = "quiet" in page.dataset;
let isClosed = false;
const trouble = (sentence) => tell("trouble", sentence);

document.documentElement.classList.add("with-scripts");
byId("refresh").hidden = true;

const lines = new Lines(byId("lines"), byId("own-line"), byId("more-below"));
const outgoing = new Outgoing({
  offline: (isOffline) => tell("connection", isOffline ? sentences.offline : ""),
  refused: (message, sentence, isLost) => {
    trouble(sentence);
    if (message.text && !words.value && !isLost) setWords(message.text);
  },
  mark: (key, state) => lines.mark(key, state),
  lostSentence: sentences.lost,
});
const photo = attachPhoto(byId, sentences, trouble);
recordVoice(byId, (sound) => send({ file: sound, media: "voice" }), () => trouble(sentences.no_microphone));
readAloud(byId("lines"), sentences);
lines.showNewest();
if (isShared) closeWhenQuiet(byId, Number(page.dataset.quiet), () => { isClosed = true; });
// The worker keeps files in the browser; on a shared device nothing is kept.
else navigator.serviceWorker?.register(`/chat/worker.js?language=${document.documentElement.lang}`, { scope: "/chat" });

function send(message) {
  trouble("");
  lines.addOwn(outgoing.add(message));
}

function setWords(value) {
  words.value = value;
  words.style.height = "auto";
  words.style.height = `${words.scrollHeight + 2}px`;
}

function sendBox() {
  const text = words.value.trim();
  if (!text && !photo.file) return trouble(sentences.blank);
  if ([...text].length > Number(page.dataset.most)) return trouble(sentences.too_long);
  send({ text, file: photo.file, media: photo.file && "photo", preview: photo.takeAway() });
  setWords("");
  return undefined;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== "/chat/say") return;
  event.preventDefault();
  if (form === box) return sendBox();
  const { name, value } = event.submitter;
  send({ [name]: value, label: name === "button" ? event.submitter.querySelector(".label").textContent : value });
});

words.addEventListener("input", () => setWords(words.value));
words.addEventListener("keydown", (event) => {
  const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !hasKeyboard) return;
  event.preventDefault();
  sendBox();
});
const device = document.querySelector(".device");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !device.open) return;
  device.open = false;
  device.querySelector("summary").focus();
});
document.addEventListener("click", (event) => { if (!device.contains(event.target)) device.open = false; });
addEventListener("beforeunload", (event) => { if (outgoing.isWaiting && !isClosed) event.preventDefault(); });
// A page that the browser kept, for its way back, may be of a chat that was left.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

listen({
  cursor: page.dataset.cursor,
  state: page.dataset.state,
  came: (found) => lines.addAll(found),
  opened: () => { if (!outgoing.isWaiting && !words.value) location.reload(); },
  lost: () => {
    outgoing.stop();
    if (!isShared) return trouble(sentences.lost);
    const wasClosed = isClosed;
    isClosed = true;
    if (!wasClosed) location.replace("/chat");
    return undefined;
  },
  offline: (isOffline) => { if (!outgoing.isWaiting) tell("connection", isOffline ? sentences.offline_listening : ""); },
});
