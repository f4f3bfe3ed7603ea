# Rules on verdicts: labels that came with recordings, known answers of probes, scores of whole runs.
# Owns: the rows of the area "labels". Refuses to know: graders, which label is good news.
"""Rules of the area labels.

A label carries no sign, unless its name does (`toxic`, `error`). Most verdicts (`correct`, `executable`) are good news
when they rise, so a rise is recorded and a fall is a warning; of bad news it is the other way round. None is breaking:
a lower share makes a product worse, but no reader's code fails on it.
"""

from drift.rules.record import LevelWhen, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="label-rate-increased",
        area="labels",
        level="info",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The share of answers with a certain verdict rose.",
        who_breaks=(
            "Nobody when the verdict is good news (`correct`); products that promise its absence when it is"
            " not (`toxic`)."
        ),
        remedy=(
            "Ask whether the label is good news; if it is not, and its name does not say so, override the level of this"
            " rule to warning."
        ),
        mirror="label-rate-decreased",
        level_when=(LevelWhen("warning", "the label's name says that it is bad news"),),
        seen_in=("lchen001/LLMDrift (code of GPT-4 without its fences, 26 to 35 of 50 pass)",),
        source="https://arxiv.org/abs/2307.09009",
    ),
    Rule(
        id="label-rate-decreased",
        area="labels",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="The share of answers with a certain verdict, such as correct or executable, fell.",
        who_breaks=(
            "Features whose quality rests on the verdict: users get more wrong or unusable answers, and no"
            " error shows it."
        ),
        remedy=(
            "Read the witnesses, tell format from ability (strip a fence, judge again), and look at each"
            " class apart."
        ),
        mirror="label-rate-increased",
        level_when=(LevelWhen("info", "the label's name says that less of it is good news"),),
        seen_in=("lchen001/LLMDrift (primes by GPT-4, 84 % to 51 %)",),
        source="https://arxiv.org/abs/2307.09009",
    ),
    Rule(
        id="answer-bias-shifted",
        area="labels",
        level="warning",
        evidence=("statistical",),
        direction="response",
        kind="rate",
        title="One answer became more or less frequent whatever the right answer is.",
        who_breaks=(
            "Whoever reads accuracy on one class: it falls on one and rises on the other, so the loss, or"
            " the gain, is a bias and not ability. Classifiers send whole groups the wrong way."
        ),
        remedy=(
            "Measure every class, balance the set, and shift the threshold or the prompt before you judge"
            " the model."
        ),
        mirror_waiver="Symmetric: the share may move either way.",
        seen_in=("lchen001/LLMDrift (a first version asked for primes only)",),
        source="https://arxiv.org/abs/2307.09009",
    ),
    Rule(
        id="score-level-shifted",
        area="labels",
        level="warning",
        evidence=("statistical",),
        direction="none",
        kind="rate",
        title="A score moved beyond chance: of a whole run, or the mean over answers.",
        who_breaks=(
            "Decisions that rest on the score, such as a ranking, a release gate or a promise to customers."
        ),
        remedy="Repeat the run on the old model as a control, then look into single answers for what moved.",
        mirror_waiver="Symmetric: a score that rises asks for the same second look.",
        seen_in=("rjmurillo/ai-agents#3475 (an identical run moved 13 of 24 scores)",),
    ),
)
