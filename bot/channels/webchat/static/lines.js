// The lines of the chat: both sides in order, each once, choices only under the newest.
const MARKS = { sending: "…", held: "⏳", kept: "✓", refused: "✗" };

const MOST_AT_ONCE = 8;

export class Lines {
  constructor(list, ownLine, moreBelow) {
    this.list = list;
    this.ownLine = ownLine;
    this.moreBelow = moreBelow;
    moreBelow.addEventListener("click", () => this.last().scrollIntoView({ block: "end" }));
    this.watchEnd();
  }

  all() { return [...this.list.querySelectorAll(".line")]; }

  last() { return this.all().at(-1); }

  find(key) { return key ? this.list.querySelector(`.line[data-key="${CSS.escape(key)}"]`) : null; }

  // At the first of what the bot said last: the way to a question is read before its buttons are seen.
  showNewest() {
    const all = this.all();
    const since = all.slice(all.findLastIndex((line) => line.classList.contains("by-person")) + 1);
    const first = since.length && since.length <= MOST_AT_ONCE ? since[0] : all.at(-1);
    if (first === all[0]) return;
    first.scrollIntoView({ block: "start" });
  }

  addOwn(message) {
    const line = this.ownLine.content.firstElementChild.cloneNode(true);
    line.dataset.key = message.key;
    const show = (selector, words) => {
      line.querySelector(selector).textContent = words;
      line.querySelector(selector).hidden = false;
    };
    if (message.preview) {
      line.querySelector(".preview").src = message.preview;
      line.querySelector(".preview").hidden = false;
    } else if (message.media) {
      show(".media", line.querySelector(".media").dataset[message.media]);
    }
    if (message.label || message.text) show(".text", message.label || message.text);
    this.closeChoices();
    this.list.append(line);
    this.mark(message.key, "sending");
    this.readFrom = null;
    if (document.activeElement?.classList.contains("line")) line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "start" });
    this.watchEnd();
  }

  mark(key, state) {
    const said = this.find(key)?.querySelector(".state");
    if (!said || said.dataset.now === "kept" || said.dataset.now === state) return;
    said.dataset.now = state;
    said.textContent = `${MARKS[state]} ${said.dataset[state] ?? ""}`;
  }

  addAll(found) {
    const added = found.map((line) => this.add(line)).filter(Boolean);
    const newest = this.all().filter((line) => line.dataset.order).at(-1);
    this.closeChoices(newest === this.last() ? newest : undefined);
    this.list.querySelector("#newest")?.removeAttribute("id");
    newest?.setAttribute("id", "newest");
    document.querySelector(".waiting")?.remove();
    this.readFrom ??= added[0];
    if (added.length) this.readFrom.scrollIntoView({ block: "start" });
    this.watchEnd();
  }

  // Gives back the line if it is new on the page.
  add(found) {
    const mine = this.find(found.key);
    if (mine) {
      Object.assign(mine.dataset, { id: found.id, order: found.order, day: found.day });
      this.mark(found.key, "kept");
      return null;
    }
    if (this.list.querySelector(`.line[data-id="${CSS.escape(found.id)}"]`)) return null;
    const drawn = document.createElement("template");
    drawn.innerHTML = found.html; // drawn and escaped by the server; the page's policy runs no script in it
    const line = drawn.content.firstElementChild;
    const next = this.all().find((other) => (other.dataset.order ?? "") > found.order) ?? this.firstUnsent();
    this.list.insertBefore(line, next);
    this.headWithDay(line);
    return line;
  }

  firstUnsent() {
    return this.all().find((line) => ["sending", "held"].includes(line.querySelector(".state")?.dataset.now)) ?? null;
  }

  headWithDay(line) {
    const days = [...this.list.querySelectorAll("[data-day]")];
    const before = days[days.indexOf(line) - 1];
    if (before?.dataset.day === line.dataset.day) return;
    const day = document.createElement("li");
    day.className = "day";
    day.dataset.day = line.dataset.day;
    day.textContent = line.dataset.day;
    this.list.insertBefore(day, line);
  }

  // A keyboard that stood on a choice stays at its line, and does not start at the top of the page again.
  closeChoices(except) {
    for (const choices of this.list.querySelectorAll(".choices")) {
      const line = choices.closest(".line");
      if (line === except) continue;
      const wasInside = choices.contains(document.activeElement);
      choices.remove();
      if (wasInside) line.focus({ preventScroll: true });
    }
  }

  watchEnd() {
    this.watcher?.disconnect();
    const last = this.last();
    if (!last) return;
    const dock = document.querySelector(".dock").offsetHeight; // nothing, in a low window: see chat.css
    document.documentElement.style.setProperty("--dock", `${dock}px`);
    this.watcher = new IntersectionObserver(
      ([end]) => { this.moreBelow.hidden = end.isIntersecting || end.boundingClientRect.top < 0; },
      { rootMargin: `0px 0px -${dock}px 0px` },
    );
    this.watcher.observe(last.querySelector(".choices") ?? last.querySelector(".words:last-of-type") ?? last);
  }
}
