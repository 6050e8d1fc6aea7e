// Reads a message aloud with a voice of this device. A voice that sends the words elsewhere is never used.
export function readAloud(list, sentences) {
  const speech = globalThis.speechSynthesis;
  if (!speech) return;
  let voice = null;
  let speaking = null;

  const label = (button, sentence) => { button.querySelector(".label").textContent = sentence; };
  const showButtons = () => { for (const button of list.querySelectorAll(".read-aloud[hidden]")) button.hidden = !voice; };
  const findVoice = () => {
    const language = document.documentElement.lang;
    voice = speech.getVoices().find((one) => one.localService && one.lang.toLowerCase().startsWith(language)) ?? null;
    showButtons();
  };
  const quiet = () => {
    if (speaking) label(speaking, sentences.read_aloud);
    speaking = null;
    speech.cancel();
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest(".read-aloud");
    if (!button) return;
    const wasSpeaking = speaking === button;
    quiet();
    if (wasSpeaking) return;
    const line = button.closest(".line");
    const parts = [line.querySelector(".words"), ...line.querySelectorAll(".choice .label")];
    const utterance = new SpeechSynthesisUtterance(parts.map((part) => part.textContent).join(". "));
    Object.assign(utterance, { voice, lang: voice.lang, rate: 0.9 });
    utterance.onend = () => { if (speaking === button) quiet(); };
    speaking = button;
    label(button, sentences.quiet);
    speech.speak(utterance);
  });
  speech.addEventListener?.("voiceschanged", findVoice);
  new MutationObserver(showButtons).observe(list, { childList: true });
  addEventListener("pagehide", quiet);
  findVoice();
}
