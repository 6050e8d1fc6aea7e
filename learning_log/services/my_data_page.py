"""What is kept about somebody as one page in Easy Read: it needs no script and no other file, and can be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from learning_log import config
from learning_log.analysis.redaction import NAME

FIRST = "en"

Plain = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --soft: #f1f4f6; --line: #8a949c; --mark: #0b5c66; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f2; --paper: #14181b; --soft: #20272c; --line: #7d8890; --mark: #8fd6df; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.25rem/1.6 system-ui, "Segoe UI", Arial, sans-serif; overflow-wrap: anywhere; }
main, header { max-width: 44rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
main { padding-bottom: 3rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 .75rem; }
h2 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .75rem; display: flex; gap: .75rem; align-items: center; }
.picture { font-size: 2.2rem; line-height: 1; flex: none; }
section { border-top: 3px solid var(--mark); margin-top: 2.25rem; padding-top: 1.25rem; }
article { background: var(--soft); border-radius: .75rem; padding: 1rem 1.25rem; margin: 0 0 1rem; }
article > :first-child { margin-top: 0; } article > :last-child { margin-bottom: 0; }
p { margin: 0 0 .5rem; }
blockquote { margin: .25rem 0 .75rem; padding-left: 1rem; border-left: 6px solid var(--mark); font-weight: 600;
  white-space: pre-line; }
dl { margin: 0; display: grid; grid-template-columns: minmax(9rem, auto) 1fr; gap: .35rem 1.25rem; }
dt { font-weight: 600; } dd { margin: 0; }
nav ul { list-style: none; padding: 0; margin: .5rem 0 0; }
nav .picture { font-size: 1.6rem; }
nav a { text-decoration: none; display: flex; gap: .6rem; align-items: center; padding: .4rem 0; min-height: 2.75rem; }
a { color: var(--mark); } a:focus-visible { outline: 3px solid var(--mark); outline-offset: 3px; }
ul.can { padding-left: 1.4rem; } ul.can li { margin-bottom: .4rem; }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
@media print {
  :root { --ink: #000; --paper: #fff; --soft: #fff; --mark: #000; }
  nav { display: none; } article { border: 1px solid #000; break-inside: avoid; } h2 { break-after: avoid; }
}
"""


def easy_read_page(kept: Plain, language: str = "") -> str:
    """kept: from everything_about. language: the person's own, where none is given; English where it has no texts."""
    page = _Page(kept, language or kept["you"]["language"])
    return "\n".join(page.lines())


class _Page:
    """The lines of one page, section by section."""

    def __init__(self, kept: Plain, language: str) -> None:
        self.book = Book(language)
        self.say = self.book.html
        self.kept, self.zone = kept, kept["you"]["zone"]
        self.sections: dict[str, Callable[[], Iterator[str]]] = {
            "you": self._you,
            "agreements": self._agreements,
            "asked": self._asked,
            "answers": self._answers,
            "goals": self._goals,
            "tried": self._tried,
            "deciding": self._deciding,
            "worries": self._worries,
            "rights": self._rights,
        }
        if kept["you"]["is_staff"]:  # nobody has goals for them, or decides in their place
            for name in ("goals", "tried", "deciding"):
                del self.sections[name]

    def lines(self) -> Iterator[str]:
        title = escape(self.book.text("page.title"))
        yield f'<!doctype html>\n<html lang="{self.book.language}">\n<head>\n<meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
        yield f"<header>\n<h1>{title}</h1>"
        yield f"<p>{self.say('page.what')}</p>"
        yield f"<p>{self.say('page.made', day=self._day(self.kept['made_at']))}</p>"
        yield f"<p><strong>{self.say('page.private')}</strong></p>"
        if any(NAME in each for each in _written_by_others(self.kept)):
            yield f"<p>{self.say('page.names')}</p>"
        yield f'<nav aria-label="{escape(self.book.text("page.contents"))}">\n<ul>'
        for name in self.sections:
            yield f'<li><a href="#{name}">{self._picture(name)}<u>{self.say(f"{name}.title")}</u></a></li>'
        yield "</ul>\n</nav>\n</header>\n<main>"
        for name, section in self.sections.items():
            yield f'<section aria-labelledby="{name}">'
            yield f'<h2 id="{name}">{self._picture(name)}{self.say(f"{name}.title")}</h2>'
            inside = list(section())
            yield from inside or [f"<p>{self.say('page.none')}</p>"]
            yield "</section>"
        yield "</main>\n</body>\n</html>"

    def _you(self) -> Iterator[str]:
        you = self.kept["you"]
        days = {"added": you["added_on"], "left": you["left_on"]}
        texts = {name: you[name] for name in ("name", "reference", "team", "worker")}
        texts["language"] = config.load(f"wording/{you['language']}")["about"]["language"] if _spoken(you) else ""
        texts |= {name: self._day(day) for name, day in days.items() if day}
        known = you["chat"] in ("telegram", "webchat", "nowhere")
        texts["chat"] = self.book.text(f"you.{you['chat']}") if known else you["chat"] or ""
        yield "<dl>"
        yield from (
            f"<dt>{self.say(f'you.{name}')}</dt><dd>{escape(text)}</dd>" for name, text in texts.items() if text
        )
        yield "</dl>"

    def _agreements(self) -> Iterator[str]:
        for one in self.kept["agreements"]:
            purpose = one["to"] if one["to"] in ("take_part", "themes") else "other"
            said = [self._line(f"agreements.{'yes' if one['yes'] else 'no'}", one["on"])]
            said += [self._line("agreements.back", one["taken_back_on"])] if one["taken_back_on"] else []
            yield _box(f"<p><strong>{self.say(f'agreements.{purpose}')}</strong></p>", *said)

    def _asked(self) -> Iterator[str]:
        asked = self.kept["asked"]
        if asked is None or asked["next"] is None:
            yield f"<p>{self.say('asked.none')}</p>"
        if asked is None:
            return
        names = self.book.names("days")
        yield f"<p>{self.say('asked.days', days=', '.join(names[day] for day in asked['days']))}</p>"
        yield f"<p>{self.say('asked.time', time=asked['at'])}</p>"
        yield f"<p>{self.say('asked.quiet', **{'from': asked['quiet_from'], 'until': asked['quiet_until']})}</p>"
        if asked["paused_until"]:
            yield self._line("asked.paused", asked["paused_until"])

    def _answers(self) -> Iterator[str]:
        for one in reversed(self.kept["answers"]):
            yield _box(*self._answer(one))

    def _answer(self, one: Plain) -> Iterator[str]:
        if one["question"]:
            yield f"<p>{self.say('answers.question', question=one['question'])}</p>"
        if one["taken_back_on"]:
            yield self._line("answers.back", one["taken_back_on"])
            return
        yield _quote(one["words"]) if one["words"] else f"<p>{self.say('answers.no_words')}</p>"
        yield self._line("answers.on", one["said_on"])
        for earlier in one["before"]:
            yield f"<p>{self.say('answers.before')}</p>{_quote(earlier['words'])}"
        for each in one["media"]:
            kind = "voice" if each["kind"] == "voice" else "photo"
            yield f"<p>{self.say(f'answers.{kind}')}</p>"
        if one["helped"] in ("by_myself", "chosen", "staff", "written"):
            yield f"<p>{self.say('answers.' + one['helped'])}</p>"
        yield f"<p>{self.say('answers.' + one['for'])}</p>"
        readers = ", ".join(one["read_by"])
        yield f"<p>{self.say('answers.read', names=readers) if readers else self.say('answers.not_read')}</p>"

    def _goals(self) -> Iterator[str]:
        for one in self.kept["goals"]:
            said = [_quote(one["words"]) if one["words"] else "", self._line("goals.set", one["set_on"])]
            said += [self._line("goals.ended", one["ended_on"])] if one["ended_on"] else []
            for each in one["ratings"]:
                key = "goals.rated" if each["by_you"] else "goals.rated_for_you"
                steps = {"step": str(each["step"]), "of": str(each["of"])}
                said.append(f"<p>{self.say(key, day=self._day(each['on']), **steps)}</p>")
                said += [f"<p>{escape(each['note'])}</p>"] if each["note"] else []
            yield _box(*said)

    def _tried(self) -> Iterator[str]:
        for one in self.kept["tried_with_you"]:
            named = [(name, one[name]) for name in ("heard", "try", "noticed", "learned") if one[name]]
            said = [self._line("tried.started", one["started_on"])]
            said += [self._line("tried.ended", one["ended_on"])] if one["ended_on"] else []
            yield _box(self._list("tried", named), *said)
        for one in self.kept["follow_ups"]:
            asked = one["asked_on"] or one["answered_on"]
            yield self._line("tried.asked", asked) if asked else self._line("tried.will_ask", one["from"])

    def _deciding(self) -> Iterator[str]:
        for one in self.kept["deciding"]:
            known = one["decision"] in ("take_part", "channel")
            what = self.say(f"deciding.{one['decision']}") if known else escape(one["decision"])
            result = "able" if one["able"] else "best" if one["best_interests"] == "yes" else "not_best"
            named = [(name, one[name]) for name in ("assessor", "support", "reasons", "consulted") if one[name]]
            yield _box(
                f"<p><strong>{what}</strong></p>",
                f"<p>{self.say(f'deciding.{result}')}</p>",
                self._line("deciding.on", one["on"]),
                self._line("deciding.again", one["look_again_on"]),
                self._list("deciding", named),
            )

    def _worries(self) -> Iterator[str]:
        for one in self.kept["worries"]:
            looked = one["looked_after_on"]
            yield _box(
                _quote(one["words"]) if one["words"] else "",
                self._line("worries.on", one["on"]),
                self._line("worries.looked", looked) if looked else f"<p>{self.say('worries.waiting')}</p>",
            )
        if not self.kept["worries"]:
            yield f"<p>{self.say('page.none')}</p>"
        yield f"<p><strong>{self.say('worries.danger')}</strong></p>"

    def _rights(self) -> Iterator[str]:
        yield '<ul class="can">'
        yield from (f"<li>{self.say(f'rights.{one}')}</li>" for one in ("take_back", "choose", "change", "forget"))
        yield f"</ul>\n<p>{self.say('rights.ask')}</p>"

    def _line(self, key: str, on: str) -> str:
        return f"<p>{self.say(key, day=self._day(on))}</p>"

    def _list(self, section: str, named: Sequence[tuple[str, str]]) -> str:
        if not named:
            return ""
        rows = (f"<dt>{self.say(f'{section}.{name}')}</dt><dd>{escape(text)}</dd>" for name, text in named)
        return f"<dl>{''.join(rows)}</dl>"

    def _day(self, on: str) -> str:
        day = datetime.fromisoformat(on).astimezone(ZoneInfo(self.zone)).date() if "T" in on else date.fromisoformat(on)
        return self.book.day(day)

    def _picture(self, name: str) -> str:
        picture = escape(config.load(f"wording/mydata/{FIRST}")["pictures"][name])
        return f'<span class="picture" aria-hidden="true">{picture}</span>'


class Book:
    """The texts of config/wording/mydata in one language; English where a language has none."""

    def __init__(self, language: str) -> None:
        self.language = language if language in config.names("wording/mydata") else FIRST
        self._texts = config.load(f"wording/mydata/{self.language}")
        self._first = config.load(f"wording/mydata/{FIRST}")

    def text(self, key: str, **values: str) -> str:
        section, name = key.split(".")
        return str(self._texts[section][name]).format(**values)

    def html(self, key: str, **values: str) -> str:
        """Safe to be put into a page. A text that still waits for its translator says that it is English."""
        section, name = key.split(".")
        said = escape(self.text(key, **values))
        english = self.language != FIRST and self._texts[section][name] == self._first[section][name]
        return f'<span lang="{FIRST}">{said}</span>' if english else said

    def names(self, key: str) -> Sequence[str]:
        found: Sequence[str] = self._texts[key]
        return found

    def day(self, on: date) -> str:
        return self.text("page.date", day=str(on.day), month=self.names("months")[on.month - 1], year=str(on.year))


def _written_by_others(kept: Plain) -> Iterator[str]:
    texts = (*(each for one in kept["goals"] for each in one["ratings"]), *kept["tried_with_you"], *kept["deciding"])
    yield from (text for each in texts for text in each.values() if isinstance(text, str))


def _spoken(you: Plain) -> bool:
    return you["language"] in config.names("wording")


def _box(*lines: str) -> str:
    return "<article>" + "\n".join(line for line in lines if line) + "</article>"


def _quote(words: str) -> str:
    return f"<blockquote>{escape(words)}</blockquote>"
