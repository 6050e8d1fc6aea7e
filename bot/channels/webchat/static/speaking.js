// Reads a message aloud with a voice of this device. A voice that sends the words elsewhere is never used.
export function readAloud(list, sentences) {
  const speech = globalThis.speechSynthesis;
  if (!speech) return;
  let speaking = null;

  const label = (button, sentence) => { button.querySelector(".label").textContent = sentence; };
  const voiceFor = (line) => {
    const language = line.dataset.aloud || document.documentElement.lang;
    return speech.getVoices().find((one) => one.localService && one.lang.toLowerCase().startsWith(language));
  };
  const showButtons = () => {
    for (const button of list.querySelectorAll(".read-aloud[hidden]")) button.hidden = !voiceFor(button.closest(".line"));
  };
  const quiet = () => {
    if (speaking) label(speaking, sentences.read_aloud);
    speaking = null;
    speech.cancel();
  };
  const read = (button) => {
    const line = button.closest(".line");
    const voice = voiceFor(line);
    const parts = [line.querySelector(".words"), ...line.querySelectorAll(".choice .label")];
    const utterance = new SpeechSynthesisUtterance(parts.map((part) => part.textContent).join(". "));
    Object.assign(utterance, { voice, lang: voice.lang, rate: 0.9 });
    const start = () => { speaking = button; label(button, sentences.quiet); };
    const end = () => { label(button, sentences.read_aloud); if (speaking === button) speaking = null; };
    Object.assign(utterance, { onstart: start, onend: end, onerror: end });
    speech.speak(utterance);
  };
  // Whoever wants everything read aloud hears what is new, one message after the other.
  const readNew = (changes) => {
    showButtons();
    for (const { addedNodes } of changes) {
      for (const line of addedNodes) {
        const button = line.dataset?.aloud && line.querySelector(".read-aloud:not([hidden])");
        if (button) read(button);
      }
    }
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest(".read-aloud");
    if (!button) return;
    const wasSpeaking = speaking === button;
    quiet();
    if (!wasSpeaking) read(button);
  });
  speech.addEventListener?.("voiceschanged", showButtons);
  new MutationObserver(readNew).observe(list, { childList: true });
  addEventListener("pagehide", quiet);
  showButtons();
}
