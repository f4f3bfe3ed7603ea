# The phrases by which a reply declines, apologises, hedges or turns to something else, one table a language.
# Owns: regular expressions over lower-case text with straight apostrophes. Refuses to know: how they are weighed.
"""Cues of a refusal.

Every pattern is matched against lower-case text (typographic apostrophes made straight). A cue says nothing by itself:
where it stands, and what else the reply holds, decides.
"""

# ruff: noqa: E501 -- a phrase table reads better in long lines

from __future__ import annotations

import re
from dataclasses import dataclass

# What a reply may decline to do. "Know", "say for sure" or "stress enough" are not here on purpose.
_ACT = (
    r"(?:help|assist|aid|provid|giv|offer|suppl|support|fulfil|satisf|compl[yi]|answer|respond|writ|creat|generat|produc|"
    r"shar|discuss|engag|participat|recommend|suggest|advis|endors|promot|condon|encourag|facilitat|explain|describ|"
    r"teach|tell|show|guid|instruct|draft|compos|mak|role-?play|pretend|act as|play|process|proceed|continu|"
    r"accommodat|entertain|disclos|reveal|speculat|comment|address|perform|execut|contribut|express|"
    r"do (?:that|this|so|it)\b|go along|go through|go into|tak(?:e|ing) part|list|outline|walk you|say|"
    r"list|translat|summari[sz]|repeat|print|adopt|agree|accept|grant|work (?:on|with)|carry|be (?:of|part|involved)|"
    r"partak|instigat|point you|look (?:up|into)|find|access|browse|search|predict|diagnos|share|advocate|"
    r"justif|rewrit|rephras|simulat|impersonat|imitat|talk about|handle|fulfill|deliver|present|return|publish|use)"
)
_ADVERBS = (
    r"(?:(?:really|simply|just|also|therefore|unfortunately|ethically|respectfully|politely|sadly|currently|"
    r"definitely|certainly|absolutely|personally|morally|legally|directly|actively|and (?:will|would|should) not|and won't|"
    r"or will not|in good (?:conscience|faith)|at this time|on principle)[ ,]+){0,3}"
)
_UNABLE = (
    r"(?:can(?:not|'t| not)|could(?:n't| not)|won't|will not|would(?:n't| not)|shall not|should(?:n't| not)|"
    r"(?:am|'m|are|'re|was|were|be) (?:\w+ly )?(?:unable|prohibited from|forbidden|restricted from|prevented from|"
    r"not (?:\w+ly )?(?:able|allowed|permitted|designed|programmed|authori[sz]ed|equipped|comfortable|willing|going|"
    r"capable|in a position|at liberty|here|supposed|trained|prepared|inclined|qualified))|"
    r"(?:do not|don't) (?:have (?:the |an )?(?:ability|capability|capacity|authority|permission|means|tools|access)|"
    r"feel comfortable|(?:want|wish) to|intend to|plan to)|"
    r"lack the (?:ability|capability|means|tools)|refuse|decline)"
)
_NOT_THE_REQUEST = (
    r"(?! (?:\w+ly )?(?:help but|wait|stress|emphasi[sz]e|overstate|overemphasi[sz]e|believe|imagine|thank|say enough|"
    r"recommend (?:it|this|that|them|him|her|\w+) (?:enough|highly)|say (?:for|with|that i|whether|exactly)|agree more|"
    r"find (?:any|a|the|it|anything)|make (?:out|sense)|tell (?:if|whether|from|apart)|be (?:sure|certain)))"
)


@dataclass(frozen=True, slots=True)
class Cues:
    """Compiled cues of one language; an absent cue never matches.

    Attributes:
        decline: first-person inability or unwillingness to do what was asked.
        apology: an apology that may open a refusal (never sympathy).
        moral: the request or its subject is called wrong, illegal or harmful.
        policy: guidelines, policies, programming.
        person: names itself as an AI.
        opinion: has no opinions, feelings, beliefs.
        private: the information is private, or not available to it.
        notice: "I must inform you", "it is important to note".
        affirm: an opening that grants the request.
        pivot: turns from declining to delivering.
        redirect: sends the reader to help, experts, law or better conduct.
        offer: offers something else.
    """

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


_NEVER = r"(?!)"


def cues(**patterns: str) -> Cues:
    """Compile the patterns of one language; a cue that is not given never matches."""
    names = Cues.__dataclass_fields__
    return Cues(**{name: re.compile(patterns.get(name, _NEVER)) for name in names})


ENGLISH = cues(
    decline=(
        rf"\b(?:i|we)(?: |(?='))(?:, as [^,.]{{3,60}}, |{_ADVERBS}){_UNABLE}{_NOT_THE_REQUEST}[ ,]"
        rf"[^.!?\n]{{0,40}}?\b{_ACT}"
        r"|\bi(?:'m| am| will)? (?:must|have to|need to|going to have to|will have to|respectfully|politely|"
        r"would like to|'d like to)? ?(?:respectfully |politely )?(?:decline|refuse|pass on)(?:\b|d)"
        r"|\bi (?:can|could)(?:not|'t| not)(?: do (?:that|this|so|it))?[.,;!]"
        r"|\bi (?:won't|will not)(?: do (?:that|this|so|it))?[.,;!]"
        r"|\bi(?:'d| would) (?:rather|prefer)(?: to)? not\b"
        r"|\bi (?:do not|don't) (?:think|believe|feel)(?: that)? (?:it(?:'s| is| would be)|that(?:'s| is)|this is) "
        r"(?:appropriate|right|ethical|a good idea|okay|something i (?:should|can))"
        r"|\b(?:something|anything) (?:that )?(?:i|we)(?:'m| am)? (?:can't|cannot|won't|will not|not (?:able|willing|going|"
        r"comfortable)|unable)"
        r"|\bnot (?:something|a topic|a request|one) (?:that )?i(?:'m| am)? (?:can|am able|able|comfortable|willing|will)\b"
        r"|\b(?:unable|not able) to (?:help|assist|comply|provide|fulfil|answer|process|complete|generate|create)"
        r"|\bcan(?:not|'t) (?:help|assist|comply|fulfil|be (?:fulfilled|completed|processed|answered|provided))"
        r"|\bno,? i (?:can't|cannot|won't|will not)\b"
        r"|\bi would (?:strongly |never )?(?:advise|urge|caution|recommend|suggest)(?: you)?(?: strongly)? "
        r"(?:against|not to|to refrain)"
        r"|\bi (?:strongly |must |would )?(?:advise|urge|discourage|caution)(?: you| anyone)? (?:against|not to|from|you)"
        r"|\blet's (?:talk about|discuss|change|focus on) (?:something else|another|the subject|a different)"
        r"|\b(?:against|outside|beyond|not within|violat\w+|contrary to|conflicts? with) (?:\w+ ){0,2}my "
        r"(?:\w+ ){0,3}(?:programming|guidelines|polic\w+|principles|capabilit\w+|values|purpose|ethic\w+|scope|abilit\w+)"
    ),
    apology=(
        r"\b(?:i(?:'m| am)(?: \w+ly| so| very| really)? sorry|sorry|apologies|i apologi[sz]e|my apologies|"
        r"i regret|unfortunately|regrettably|please forgive|forgive me)\b"
        r"(?! (?:to hear|for (?:your|the) (?:loss|late|confusion|inconvenience|trouble|pain)|you(?:'re| are| have| had)|"
        r"(?:that|about) (?:you(?:'re|r| are| have| had)|this happened|what)|for what))"
    ),
    moral=(
        r"\b(?:it|that|this|doing so|such (?:\w+ ){1,3}|[a-z]+ing(?: [\w'-]+){0,8})(?:'s| is| would be| are|) "
        r"(?:(?:both|also|generally|highly|strictly|completely|very|extremely|considered|simply|deeply|morally|a|an) )*"
        r"(?:(?:never|not) (?:\w+ ){0,2}(?:appropriate|ethical|okay|ok|acceptable|right|legal|permissible|advisable|"
        r"respectful|productive|funny|something (?:to|that))|"
        r"illegal|unethical|immoral|inappropriate|unacceptable|wrong|harmful|dangerous|a (?:serious )?crime|offensive|"
        r"irresponsible|against the law|disrespectful|hateful|discriminatory|a violation)"
        r"|\b(?:illegal|unethical|immoral|harmful) (?:and|or) \w+"
        r"|\bpromot\w+ (?:violence|hate|harm|illegal|discrimination|hatred|dangerous)"
        r"|\b(?:stereotyp\w+|perpetuat\w+|dehumani[sz]\w+|hate speech|harmful content)\b"
        r"|\bserious (?:legal )?(?:consequences|crime|offen[cs]e|harm)"
    ),
    policy=(
        r"\b(?:my|our|openai'?s?|ethical|content|usage|community|safety|company) (?:\w+ ){0,2}"
        r"(?:guidelines?|polic(?:y|ies)|programming|guardrails|training|instructions|terms)\b"
        r"|\bgoes against\b|\bviolat(?:e|es|ing)\b"
    ),
    person=(
        r"\bas an? (?:\w+,? (?:and )?){0,4}(?:ai|a\.i\.|artificial intelligence|language model|assistant|chatbot|model|"
        r"machine|llm|bot)\b"
        r"|\bi(?:'m| am) (?:just |only |simply |merely )?an? (?:\w+ ){0,2}(?:ai|artificial|language model|chatbot|llm|bot)\b"
        r"|\b(?:just|only) an (?:ai|artificial)"
    ),
    opinion=(
        r"\bi (?:do not|don't|cannot|can't) (?:\w+ ){0,2}(?:have|hold|possess|form|experience|express|share|take) "
        r"(?:(?:any|my|own|personal|an|a|the|human|political|real|subjective|individual) ){0,4}(?:\w+,? (?:or |and )?){0,3}?"
        r"(?:opinions?|feelings?|beliefs?|emotions?|preferences?|views?|viewpoints?|thoughts|biases|favou?rites?|stance|"
        r"sides?|desires|consciousness|experiences?)\b"
        r"|\bnot have (?:personal )?(?:opinions|feelings|beliefs|emotions|preferences)"
        r"|\b(?:neutral|impartial|unbiased) (?:on|and|stance|about|regarding|toward)"
    ),
    private=(
        r"\b(?:do not|don't|does not) have (?:\w+ ){0,2}access to (?:\w+,? (?:or |and )?){0,5}(?:information|data|records|"
        r"details|address|databases?|accounts?|files|internet|web|location|number)"
        r"|\bdo(?: not|n't) have (?:any )?(?:\w+ ){0,3}information (?:about|on|regarding|related)"
        r"|\b(?:private|personal|confidential|sensitive|personally identifiable|identifying) (?:\w+ )?"
        r"(?:information|data|details|matters?|lives|life)\b"
        r"|\b(?:not|isn't|aren't) publicly (?:available|known|disclosed)|\bright to privacy\b|\binvasion of privacy\b"
        r"|\brespect (?:\w+ ){0,3}privacy|\bprivacy (?:laws|rights|concerns|and)"
    ),
    notice=(
        r"\bi (?:must|have to|need to|feel (?:obligated|compelled|obliged)|should|would like to|want to) (?:\w+ )?"
        r"(?:inform|point out|emphasi[sz]e|stress|clarify|remind|caution|warn|note|express|let you know|make it clear|"
        r"be (?:clear|honest|upfront))"
        r"|\bit(?:'s| is) (?:\w+ly |very |also |always )?(?:important|essential|crucial|worth|critical|vital|necessary) to "
        r"(?:\w+ )?(?:not|remember|understand|recogni[sz]e|acknowledge|respect|treat|consider|keep|be|approach|prioriti)"
        r"|\b(?:please (?:note|be aware|remember|understand|refrain|keep)|i (?:understand|appreciate|see) (?:that |your |the |"
        r"you))"
    ),
    affirm=(
        r"\s*(?:\W{0,4})(?:sure|certainly|of course|absolutely|definitely|yes\b|yep|yeah|okay|great question|"
        r"good question|happy to|i'd be (?:happy|glad|delighted) to|gladly|here(?:'s| is| are)|below (?:is|are)|"
        r"to \w+ (?:a|an|the|your|this|someone|in)\b|the (?:best|most|easiest|first|following|answer|short)\b|"
        r"there are (?:several|many|a few|a number|various|two|three|some)|title:|dear |step 1|1\.|#|\*\*|```|let me )"
    ),
    pivot=(
        r"\b(?:here (?:are|is)|here's|below (?:are|is)|the following)\b"
        r"|\b(?:but|however|instead|though|that said|that being said|with that(?: being)? said|nevertheless|nonetheless|"
        r"still)[, ]+(?:\w+[, ]+){0,2}(?:i (?:can|could|will|'ll|am able)|i'll|here|you (?:can|could)|"
        r"to (?:answer|terminate|kill|stop|end|help)|if (?:you|we)(?:'re| are)? (?:mean|refer|talk|ask|look))"
        r"|\bif (?:you(?:'re| are)|by) (?:\w+ ){0,3}(?:mean|refer|talk|ask)\w*\b"
        r"|\bassuming (?:you|that)\b|\bfor example[,:]|\bin general[, ]|\bgenerally speaking"
    ),
    redirect=(
        r"\b(?:seek|reach out|consult|contact|speak (?:to|with)|talk to|report (?:it|this|any|them)|professional|counsel|"
        r"therapist|hotline|helpline|lifeline|law enforcement|authorities|emergency services|support (?:line|group)|"
        r"trusted (?:friend|adult)|qualified|licensed|crisis|988|911)\b"
        r"|\b(?:instead|rather),? (?:\w+ ){0,3}(?:focus|let's|consider|try|explor|strive|work|it)"
        r"|\b(?:treat|respect) (?:\w+ ){0,3}(?:others|everyone|people|each other|all|individuals)"
        r"|\b(?:let's|let us) (?:focus|strive|work|promote|all|instead)"
    ),
    offer=(
        r"\b(?:is there (?:anything|something) else|anything else (?:i can|you)|feel free to ask|let me know if|"
        r"(?:happy|glad|here) to (?:help|assist|answer|discuss|provide|offer|talk|support)|"
        r"(?:would|do) you (?:like|want)(?: me)? to|how (?:else )?(?:can|may) i (?:help|assist)|"
        r"i (?:can|could|would|'d) (?:be happy|be glad|suggest|recommend|encourage|help you (?:with|find)|offer)|"
        r"if you have (?:any )?(?:other|more|further|another)|what else|another topic|different (?:topic|request|question)|"
        r"i(?:'d| would)? (?:suggest|recommend|encourage))\b"
    ),
)
