# How other languages than English decline, and how a language is recognised.
# Owns: stop words, scripts, the table of one language. Refuses to know: any language's phrases, how cues are weighed.
"""Refusals in other languages than English, by tables of regular expressions over lower-case sentences."""

# ruff: noqa: SIM905 -- a list of words reads better as words

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from drift.observe.refusal.hearing import Heard, Role, in_quotes
from drift.observe.refusal.phrases_latin import PATTERNS as PATTERNS_LATIN
from drift.observe.refusal.phrases_scripts import PATTERNS as PATTERNS_SCRIPTS


@dataclass(frozen=True, slots=True)
class Table:
    """The cues of one language; a cue that is not given never matches.

    Attributes:
        gate: `decline` is searched only in sentences that hold one of these.
        decline: first-person inability or unwillingness to do what was asked.
        apology: an apology that may open a refusal (never sympathy).
        moral: the request or its subject is called wrong, illegal or harmful.
        policy: guidelines, policies, programming.
        person: names itself as an AI.
        opinion: has no opinions, feelings, beliefs.
        private: the information is private, or not available to it.
        notice: "it is important to note" and the like.
        affirm: an opening that grants the request.
        pivot: turns from declining to delivering.
        redirect: sends the reader to help, experts, law.
        offer: offers something else.
    """

    gate: tuple[str, ...]
    decline: re.Pattern[str]
    apology: re.Pattern[str]
    moral: re.Pattern[str]
    policy: re.Pattern[str]
    person: re.Pattern[str]
    opinion: re.Pattern[str]
    private: re.Pattern[str]
    notice: re.Pattern[str]
    affirm: re.Pattern[str]
    pivot: re.Pattern[str]
    redirect: re.Pattern[str]
    offer: re.Pattern[str]

    def hear(self, sentence: str, words: list[str], *, own_voice: bool, opening: bool) -> Heard:
        """Return what one sentence does; see `drift.observe.refusal.hearing`."""
        decline = self.declines(sentence) if own_voice else None
        if decline is None and not opening:
            return Heard("content", words=len(words))
        notes = [name for name in _NOTED if getattr(self, name).search(sentence)]
        if opening and self.apology.search(sentence, 0, 70):
            notes.append("apology")
        if decline is not None:
            return Heard("decline", "decline", *decline, notes)
        for name, role in _ROLES:
            match = getattr(self, name).search(sentence)
            if match:
                return Heard(role, name, match.start(), match.group(), notes)
        return Heard("content", notes=notes)

    def declines(self, sentence: str) -> tuple[int, str] | None:
        """Return position and words of a decline in the writer's own name, or None."""
        if any(word in sentence for word in self.gate):
            for match in self.decline.finditer(sentence):
                if not in_quotes(sentence, match.start()):
                    return match.start(), match.group()
        return None

    def affirms(self, head: str) -> bool:
        """Tell whether a reply opens by granting the request."""
        return self.affirm.match(head, 0, 40) is not None


_NOTED = ("person", "opinion", "policy", "private", "pivot")
_ROLES: tuple[tuple[str, Role], ...] = (
    ("moral", "lecture"),
    ("offer", "redirect"),
    ("redirect", "redirect"),
    ("opinion", "hedge"),
    ("person", "hedge"),
    ("notice", "hedge"),
)


_LIKE = {"no": "da"}
"""Languages that decline in nearly the words of another."""


@cache
def table_of(language: str) -> Table | None:
    """Return the table of a language by its ISO 639-1 code, compiled when it is first met; None for a stranger."""
    language = _LIKE.get(language, language)
    patterns = PATTERNS_LATIN.get(language) or PATTERNS_SCRIPTS.get(language)
    if patterns is None:
        return None
    gate = tuple(patterns["gate"].split())
    return Table(
        gate=gate, **{name: re.compile(pattern) for name, pattern in patterns.items() if name != "gate"}
    )


_STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset("the and to of is that it for you with this are not but i be on can as or your".split()),
    "de": frozenset(
        "der die das und ist nicht ich ein eine zu den mit von für auf es sie auch kann dir aber bei".split()
    ),
    "fr": frozenset(
        "le la les de des et est je ne pas vous une pour que dans sur à en du au ce mais avec".split()
    ),
    "es": frozenset("el la los las de y es no que en un una por para con lo se su del te pero puedo".split()),
    "it": frozenset(
        "il lo la gli di e è non che un una per con sono del della mi ma questa questo posso".split()
    ),
    "pt": frozenset("o a os as de e é não que um uma em para com do da se por mas você posso isso".split()),
    "nl": frozenset(
        "de het een en is niet ik van te dat op met voor je aan ook maar kan deze dit bij".split()
    ),
    "fi": frozenset(
        "ja on ei en että se voi sinun tai olen tämä ovat mutta kuin minä valitettavasti voin auttaa tässä jos".split()
    ),
    "sv": frozenset(
        "och är att det i en jag inte som på för med av ett kan du den men om till tyvärr".split()
    ),
    "pl": frozenset(
        "i w nie na to się z do jest że mogę o a jak ale dla jestem lub ci po tym potem jeśli niestety".split()
    ),
    "cs": frozenset(
        "se že je na to jsem není pokud jako ale může mohu nebo vám který které pro při jsou bohužel".split()
    ),
    "da": frozenset("og jeg ikke er af dig mig hvis eller kan det på beklager desværre også med".split()),
    "no": frozenset("og jeg ikke er av deg meg hvis eller kan det på beklager dessverre også med".split()),
    "hu": frozenset(
        "a az és hogy nem egy is de ez ha van vagy meg azt csak mint lehet sajnos sajnálom tudok".split()
    ),
    "id": frozenset(
        "yang dan di untuk dengan ini itu dari saya anda tidak adalah dapat bisa pada akan maaf tetapi atau".split()
    ),
    "ro": frozenset(
        "și este nu să pe la cu în din pentru sunt că mai sau dar pot îmi acest această rău".split()
    ),
    "vi": frozenset(
        "là và của có không cho được với các tôi bạn này một để trong những thể xin lỗi nhưng".split()
    ),
    "tr": frozenset(
        "ve bir bu için değil ile da de ben çok olarak ne ama gibi daha size üzgünüm bu konuda ancak".split()
    ),
}

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
# Letters that tell a language from the one that a script is first taken for.
_MARKS = {
    code: re.compile(f"[{letters}]")
    for code, letters in {
        "cs": "ěřů", "da": "æø", "hu": "őű", "no": "æø", "pl": "łąęńśźż", "ro": "ășț", "tr": "ğış",
        "vi": "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư",
    }.items()
}  # fmt: skip
"""Letters that speak for a language of Latin script, as two of its small words would."""
_OWN_LETTERS: dict[str, tuple[str, re.Pattern[str]]] = {
    "ru": ("uk", re.compile("[іїєґ]")),
    "ar": ("fa", re.compile("[پچژگکی]")),
}


def detect_language(text: str, words: frozenset[str] | set[str]) -> str | None:
    """Return the ISO 639-1 code of a text among the known ones, or None when nothing decides.

    Args:
        text: lower-case text, or its beginning.
        words: its words.
    """
    if (written := _by_script(text[:400])) is not None:
        return written
    marked = set() if text.isascii() else {code for code, own in _MARKS.items() if own.search(text[:400])}
    best, count = None, 0
    for code, stop_words in _STOP_WORDS.items():
        hits = len(stop_words & words) + 2 * (code in marked)
        if hits > count:
            best, count = code, hits
    return best


def _by_script(sample: str) -> str | None:
    """Return the language that a script of its own tells, in lower-case text."""
    if sample.isascii():
        return None
    letters = sum(character.isalpha() for character in sample)
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) * 4 > letters > 0:
            other, own = _OWN_LETTERS.get(code, (code, script))
            return other if own.search(sample) else code
    return None


_LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    word: tuple(code for code, words in _STOP_WORDS.items() if word in words)
    for word in frozenset().union(*_STOP_WORDS.values())
}
_WORDS = re.compile(r"[^\W\d_]+")


def sure_language(text: str) -> str | None:
    """Return the language of a text where its script or enough of its words decide it, else None.

    Unlike `detect_language`, which must choose, this rather says nothing: languages that share their small words (such
    as "a", "de" or "para") are only told by several words, and by clearly more than the next language has.
    """
    sample = text[:400].lower()
    if (written := _by_script(sample)) is not None:
        return written
    hits: dict[str, int] = {}
    for word in _LANGUAGES_OF.keys() & set(_WORDS.findall(sample)):
        for code in _LANGUAGES_OF[word]:
            hits[code] = hits.get(code, 0) + 1
    ranked = sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))
    if not ranked:
        return None
    best, most = ranked[0]
    next_most = ranked[1][1] if len(ranked) > 1 else 0
    return best if most >= 3 and most >= 1.5 * next_most else None
