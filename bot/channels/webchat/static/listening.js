// Asks for what is new, and waits: the server answers as soon as there is something.
const SECONDS = 40;
const LONGEST_WAIT = 15;

export async function listen({ cursor, state, came, opened, lost, offline }) {
  let failures = 0;
  for (;;) {
    const found = await ask(cursor, state);
    if (found.isLost) return lost();
    offline(found.isMissing === true);
    if (found.isMissing) {
      failures += 1;
      await pause(Math.min(LONGEST_WAIT, 2 ** failures));
      continue;
    }
    failures = 0;
    if (found.state !== state) opened();
    ({ cursor, state } = found);
    if (found.lines.length) came(found.lines);
  }
}

async function ask(cursor, state) {
  try {
    const response = await fetch(`/chat/messages?${new URLSearchParams({ after: cursor, state })}`, {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(SECONDS * 1000),
    });
    if (response.status === 401) return { isLost: true };
    return response.ok ? await response.json() : { isMissing: true };
  } catch {
    return { isMissing: true };
  }
}

function pause(seconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
