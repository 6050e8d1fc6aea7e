// Keeps the page's own files, and one page for when the network is gone. Never a message, never anything about anybody.
const STORE = "what-matters";
const OFFLINE = `/chat/offline/${new URL(location).searchParams.get("language")}`;
const FILES = [
  "chat.css",
  "chat.js",
  "icon.svg",
  "lines.js",
  "listening.js",
  "photo.js",
  "quiet.js",
  "recording.js",
  "sending.js",
  "speaking.js",
].map((name) => `/chat/static/${name}`);

addEventListener("install", (event) => {
  const fresh = [OFFLINE, ...FILES].map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(fresh)));
  self.skipWaiting();
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(fetch(request).catch(() => held(OFFLINE)));
  else if (FILES.includes(pathname)) event.respondWith(newest(request, pathname));
});

async function held(path) {
  return (await caches.match(path)) ?? Response.error();
}

// The server's own, as long as it can be reached.
async function newest(request, path) {
  try {
    const response = await fetch(request);
    if (response.ok) await (await caches.open(STORE)).put(path, response.clone());
    return response;
  } catch {
    return held(path);
  }
}
