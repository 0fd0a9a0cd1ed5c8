"""How each number of the results page is computed, and where the formula comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """`text` gives the formula in words; `source` the literature, and the chapter of docs/statistics.md."""

    text: str
    source: str


NOTES: dict[str, Note] = {
    "accuracy": Note(
        "The share of right answers of each volunteer, averaged over volunteers. The interval draws "
        "volunteers and trials with replacement, independently of each other, 1,000 times with a stored "
        "seed, and takes the middle 95 % of the means: it speaks about new volunteers and new trials.",
        "Owen 2007, Annals of Applied Statistics 1, 386–411; why not over volunteers alone: Clark 1973",
    ),
    "chance": Note("1 divided by the number of pictures in a trial, averaged over answers.", "by definition"),
    "sigma": Note(
        "The standard deviation of the volunteers’ accuracies. The paper divides by n; dividing by n − 1 "
        "estimates the spread of all who could have taken part.",
        "Müller-Eberstein and van Noord 2019, section 4",
    ),
    "kappa": Note(
        "(P − E) / (1 − E): P is the share of pairs of volunteers who chose the same class in a trial, E "
        "what the overall shares of the classes make alike by chance. It measures agreement, not being "
        "right.",
        "Fleiss 1971, Psychological Bulletin 76, 378–382",
    ),
    "volunteers": Note(
        "Sessions that are counted: of this mode, with consent, finished, and kept by the declared rules.",
        "see “Who is counted” on this page",
    ),
    "unanimous": Note(
        "Trials in which at least two volunteers answered and all chose the same picture.",
        "as the paper counts",
    ),
    "trials": Note(
        "Shares of the answers to each trial. The interval of a share is Wilson’s. p is the probability that "
        "guessing gives as many right answers or more (exact binomial test); Holm’s correction keeps the "
        "chance of one false finding among all trials under 5 %.",
        "Wilson 1927, JASA 22, 209–212; Holm 1979, Scandinavian Journal of Statistics 6, 65–70",
    ),
    "classes": Note(
        "Recall: right answers among those to music of the class. Precision: right answers among those that "
        "chose the class. The original’s script calls its precision accuracy.",
        "by definition",
    ),
    "confusion": Note("Counts of answers: rows are the source, columns the choice.", "by definition"),
    "tests": Note(
        "t: the volunteers’ accuracies less chance, Student’s t, one-sided; speaks about new volunteers and "
        "these trials. Permutation: all ways to permute the truths over each volunteer’s trials while the "
        "answers stay, which absorbs a liking for a class. Binomial: as if every answer came from a person "
        "and a trial of its own; they do not, so its p is too small and its interval too narrow.",
        "Clark 1973; Judd, Westfall and Kenny 2012; Good 2005, Permutation Tests",
    ),
    "sensitivity": Note(
        "d′ is the distance in standard deviations between the right picture and the others that gives this "
        "accuracy to an unbiased listener: the root of Pc = ∫ φ(x − d) Φ(x)^(k−1) dx.",
        "Hacker and Ratcliff 1979, Perception & Psychophysics 26, 168–170",
    ),
    "agreement": Note(
        "Kappa needs complete data; alpha and AC1 allow missing answers, and AC1 stays moderate where "
        "nearly all choose one class. The intervals draw volunteers and trials, or trials alone, with "
        "replacement.",
        "Fleiss 1971; Krippendorff 2004; Gwet 2008; on intervals Zapf et al. 2016",
    ),
    "volunteer": Note(
        "Exact binomial test of each volunteer against guessing, one-sided, corrected over volunteers after "
        "Holm; d′ of each with (k + ½) / (n + 1) at the ends.",
        "Holm 1979; Hacker and Ratcliff 1979",
    ),
    "places": Note(
        "χ² compares how often each place on the screen was chosen with equal shares; p within asks whether "
        "single volunteers favour places of their own, against all ways in which places could have been "
        "drawn.",
        "docs/statistics.md, position bias",
    ),
    "learning": Note(
        "Accuracy at each place of the order, with Wilson’s interval. The slope is a logistic regression "
        "with generalised estimating equations, volunteers as clusters, robust standard errors.",
        "Liang and Zeger 1986, Biometrika 73, 13–22",
    ),
    "listens": Note(
        "The same by how often a clip was started. Volunteers choose how often they listen, so this is no "
        "effect of listening.",
        "Liang and Zeger 1986",
    ),
    "times": Note(
        "Milliseconds from the trial’s being ready to the answer, by the browser’s clock; none are trimmed. "
        "The ratio is a geometric mean over volunteers who have right and wrong answers.",
        "docs/statistics.md, response times",
    ),
    "mixed": Note(
        "Logistic regression with crossed random volunteers and trials, fitted by Laplace’s approximation; "
        "the intercept is tested against the log odds of guessing.",
        "Jaeger 2008, Journal of Memory and Language 59, 434–446; Baayen, Davidson and Bates 2008",
    ),
    "counted": Note(
        "Every rule leaves out sessions of those that the rules before it kept. A session of which a rule’s "
        "question is not known is kept and counted as not judged.",
        "after the flow diagram of CONSORT 2010",
    ),
    "differences": Note(
        "Interval: a crossed bootstrap of the difference that draws trials for both conditions together and "
        "volunteers within each, so it speaks about new volunteers and new trials. p: two-sided, by drawing "
        "anew which volunteer was in which condition; it speaks about these trials and is not corrected for "
        "several comparisons.",
        "Owen 2007; Fisher 1935, The Design of Experiments",
    ),
    "listeners": Note(
        "Rank correlation: Spearman’s rho of people’s accuracy in a trial with the machine’s difficulty, p "
        "by permuting trials. Kappa: Cohen’s, of people’s answers with the machine’s choices. Second choice: "
        "whether wrong answers fall on the option that the machine would take next, against chance; the test "
        "is exact and moves each trial as a whole. Intervals are 95 %, over new volunteers and new trials.",
        "docs/machine_listeners.md",
    ),
    "question": Note(
        "Of the sessions of this kind that passed the questions; skipped ones are not in the shares.",
        "counted, nothing is estimated",
    ),
    "machine": Note(
        "Difficulty is 1 less the probability that the machine gives to the true picture: a softmax over "
        "distances of latents for the model, a classifier of what is heard at once for the naive listener. "
        "Looks most alike: of the other pictures the one nearest to the true one in the visual latent space.",
        "docs/machine_listeners.md",
    ),
    "looks": Note(
        "At each declared look the first volunteers to finish are tested by Student’s t, one-sided, and p "
        "is held against the level of the look. All looks together find something in guessing in 5 % of "
        "studies.",
        "Pocock 1977; O’Brien and Fleming 1979; Jennison and Turnbull 2000",
    ),
}
