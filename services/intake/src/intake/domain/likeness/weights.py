"""Frozen weights of `short`: a logistic regression over 5,000 labelled pairs of Chinese questions to customer services.

Bank, payment and telephone assistants, 1,000 pairs each of BQ, LCQMC, AFQMC, ATEC and OPPO; each measure pulled to zero
(C = 0.01 on standardised measures), an intercept per corpus while fitting, the mean of these here. docs/repeats.md has
what it reaches on pairs it was not fitted to.
"""

_MEASURES = {
    "characters": 0.81,
    "pairs": 0.402,
    "order": 0.111,
    "shorter in order": 0.729,
    "length": 0.156,
    "numbers": 0.14,
    "rarest pair": -0.052,
    "meanings": 1.08,
    "meanings by weight": 0.333,
    "meanings of the richer": 0.479,
    "meanings in order": 0.492,
    "negation": -0.526,
    "": -2.815,
}
# What it tells that both texts have a meaning of `meanings`, or that only one has it.
_BOTH = """
account +0.06, again +0.04, bind -0.04, borrow +0.07, buy +0.05, call +0.05, can +0.13, cannot +0.08, card -0.01,
change +0.01, close +0.20, deduct +0.11, early +0.00, eat -0.03, fee +0.13, get +0.06, give-back +0.06,
good +0.12, how +0.02, how-much +0.07, install +0.06, late +0.01, like -0.09, limit -0.19, money +0.03, no +0.16,
now +0.04, number +0.00, open +0.10, pay -0.05, pretty +0.05, raise +0.02, repay +0.01, review +0.03, show -0.02,
song -0.03, telephone -0.07, tell +0.06, use +0.05, view +0.09, want +0.12, what -0.15, when +0.07, where +0.07,
why +0.09, you +0.22,
"""
_ONE = """
account +0.03, again +0.05, bind -0.00, borrow -0.07, broken +0.05, buy +0.04, call -0.00, can -0.07,
cannot -0.01, card -0.03, change -0.07, close -0.11, deduct -0.04, delay -0.04, early -0.07, eat -0.13, fee -0.04,
finish +0.05, get +0.02, give-back -0.07, good +0.03, how -0.12, how-much -0.09, know -0.01, late -0.02,
limit -0.03, money +0.03, monthly -0.02, no +0.11, now +0.12, number -0.08, open +0.05, pay -0.06, raise -0.04,
repay -0.13, review +0.03, same -0.04, show -0.07, telephone -0.00, tell +0.15, today +0.05, use +0.04,
view -0.11, want +0.10, what -0.07, when -0.15, where +0.00, why +0.18, wrong +0.03, you +0.02,
"""


def _named(kind: str, table: str) -> dict[str, float]:
    pairs = (entry.split() for entry in table.split(",") if entry.strip())
    return {f"{kind} {meaning}": float(weight) for meaning, weight in pairs}


WEIGHTS = {**_MEASURES, **_named("both", _BOTH), **_named("one", _ONE)}
"""Measure -> weight; "" is the intercept."""
