// Records a voice message, where the browser can: over HTTPS, or on this machine.
const LONGEST_SECONDS = 600;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export function recordVoice(byId, send, cannot) {
  const kind = globalThis.MediaRecorder && KINDS.find((one) => MediaRecorder.isTypeSupported(one));
  if (!kind || !navigator.mediaDevices?.getUserMedia) return;
  let recorder = null;
  let timer = 0;

  const show = (isRecording) => {
    byId("recording").hidden = !isRecording;
    byId("box").hidden = isRecording;
    byId(isRecording ? "voice-send" : "voice").focus();
  };
  const count = () => {
    const since = Date.now();
    timer = setInterval(() => {
      const seconds = Math.floor((Date.now() - since) / 1000);
      byId("seconds").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (seconds >= LONGEST_SECONDS) finish(true);
    }, 500);
  };
  const finish = (isWanted) => {
    if (!recorder) return;
    const { parts, stream } = recorder;
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      if (isWanted) send(new Blob(parts, { type: kind }));
    };
    recorder.stop();
    recorder = null;
    clearInterval(timer);
    show(false);
  };

  byId("voice").hidden = false;
  byId("voice").addEventListener("click", async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      recorder = Object.assign(new MediaRecorder(stream, { mimeType: kind }), { parts: [] });
    } catch {
      cannot();
      return;
    }
    const { parts } = recorder;
    recorder.ondataavailable = (event) => { if (event.data.size) parts.push(event.data); };
    recorder.start();
    byId("seconds").textContent = "0:00";
    count();
    show(true);
  });
  byId("voice-send").addEventListener("click", () => finish(true));
  byId("voice-away").addEventListener("click", () => finish(false));
}
