// On a device that several people use: the chat closes when nobody is there, and nothing of it stays on the page.
const WARNING_SECONDS = 60;
const TELL_SECONDS = 60;
const SIGNS = ["keydown", "pointerdown", "input", "wheel", "touchmove"];

export function closeWhenQuiet(byId, seconds, closed) {
  let seen = Date.now();
  let told = seen;

  const tell = () => {
    told = Date.now();
    fetch("/chat/here", { method: "POST", headers: { Accept: "application/json" } }).catch(() => {});
  };
  const isHere = () => {
    seen = Date.now();
    byId("still-there").hidden = true;
    if (seen - told > TELL_SECONDS * 1000) tell();
  };
  const empty = () => {
    byId("words").value = "";
    byId("lines").replaceChildren();
  };
  const close = () => {
    clearInterval(timer);
    closed();
    empty();
    byId("leave").action = "/chat/leave?quiet=yes";
    byId("leave").submit();
  };
  const look = () => {
    const left = seconds - (Date.now() - seen) / 1000;
    if (left <= 0) close();
    else byId("still-there").hidden = left > WARNING_SECONDS;
  };

  for (const sign of SIGNS) addEventListener(sign, isHere, { passive: true, capture: true });
  byId("here").addEventListener("click", () => { isHere(); byId("words").focus(); });
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", empty);
  const timer = setInterval(look, 1000);
}
