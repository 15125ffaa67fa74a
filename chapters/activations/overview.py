# %% [markdown]
# # Activations
#
# An activation bends what would otherwise stay a straight line: without one between them, two layers
# do no more than one. Most take each number on its own, and all that they differ in is a curve. The
# others look at several numbers at once: a softmax at a row, a GLU at pairs.
#
# On this page are all the curves side by side, the way from what you need to the section about it, and
# the names of all of them in both frameworks.
#
# ## Every curve
#
# Values are solid, derivatives dashed. The formulas are those that the exercises are judged by; the
# list after the figure has the arguments, where there are any. ReLU6 leaves the picture before it bends
# again, at 6. PReLU and RReLU draw Leaky ReLU's line, with slopes that are learned or random.

# %% every-curve tags=["hide-input"]
# alt: A grid of small panels over inputs from minus 4 to 4, one an activation, its derivative dashed, each chapter in rows and a colour of its own. Rectifiers: ReLU, ReLU6 and Leaky ReLU bend at 0, Threshold jumps from minus 2 to the diagonal. Sigmoids: curves like an S, flat at both ends, in straight lines for the hard and sparse ones; only Log-sigmoid goes on falling to the left. Exponentials: ELU, SELU and CELU level off below 0; Softplus and Squareplus are a ReLU with a round corner, and Exponential climbs out of the picture. Gates: SiLU, Hard SiLU, GELU and Mish join the diagonal for large inputs, dip a little below 0 for negative ones and come back to it. Shrinkers: Hard and Soft shrink are 0 around 0, Tanh shrink is flat there, all three rise on one side and fall on the other; Sparse plus is a ReLU with a round corner, too.
import matplotlib.pyplot as plt
import numpy as np

from diptych import plots
from diptych.catalogue import atlas
from diptych.catalogue.component import component

plots.use_style()
curves = {}  # by chapter: name, anchor of its section, formula, arguments
for row in atlas.rows():
    if row["family"] == "activations" and row["exercise"]:
        exercise = component(row["id"]).exercises[0]
        if exercise.curve is not None:
            of_chapter = curves.setdefault(row["chapter"].split("/")[1], [])
            anchor = component(row["id"]).anchor
            of_chapter.append((row["name"], anchor, exercise.oracle, exercise.curve))

grid = np.linspace(-4, 4, 321)
middle = (grid[:-1] + grid[1:]) / 2
rows = [(i, chapter, found[j : j + 4])
        for i, (chapter, found) in enumerate(curves.items()) for j in range(0, len(found), 4)]
fig, axes = plt.subplots(len(rows), 4, figsize=(5.2, 1.15 * len(rows)),
                         sharex=True, sharey=True, squeeze=False)
for row, (i, chapter, found) in zip(axes, rows):
    color = plots.PALETTE[i]
    row[0].set_ylabel(chapter, color=color, fontsize=9)
    for ax in row[len(found):]:
        ax.axis("off")
    for ax, (name, anchor, formula, arguments) in zip(row, found):
        y = formula(grid, **arguments)
        slope = np.diff(y) / np.diff(grid)
        slope[abs(slope) > 8] = np.nan  # a jump has none
        plots.zero_lines(ax)
        ax.plot(*plots.broken(grid, y), color=color, linewidth=1.5)
        ax.plot(*plots.broken(middle, slope), "--", color=color, linewidth=1)
        plots.head(ax, name.split(" (")[0], anchor, color=color, fontsize=9, pad=3)
axes[0, 0].set(ylim=(-2.3, 3.3), xticks=(-3, 0, 3), yticks=(-2, 0, 2))
plt.show()

# %% drawn tags=["hide-input"]
for found in curves.values():
    for name, _, _, arguments in found:
        if arguments:
            print(f"{name}:", ", ".join(f"{k}={v}" for k, v in arguments.items()))

# %% [markdown]
# ## Which one to choose
#
# | you need | take | because |
# | --- | --- | --- |
# | hidden layers, no particular reason | [ReLU](rectifiers.ipynb#relu) | one comparison, exact zeros |
# | units that do not die | [Leaky ReLU](rectifiers.ipynb#leaky-relu), [PReLU](rectifiers.ipynb#prelu), [RReLU](rectifiers.ipynb#rrelu) | a gradient gets through below 0, by a slope that is fixed, learned, or random |
# | outputs to store in few bits | [ReLU6](rectifiers.ipynb#relu6), [Hardtanh](sigmoids.ipynb#hardtanh) | the range is known beforehand |
# | outputs around 0, none far below | [ELU](exponentials.ipynb#elu), [CELU](exponentials.ipynb#celu) | they level off below 0 |
# | many layers without normalization | [SELU](exponentials.ipynb#selu) | with the right weights the variance stays at 1 |
# | a smooth ReLU that may dip below 0 | [SiLU](gates.ipynb#silu), [GELU](gates.ipynb#gelu), [Mish](gates.ipynb#mish) | each input is its own gate |
# | the same without an exponential | [Hardswish](gates.ipynb#hardswish) | straight lines, multiplied |
# | one half that gates the other | [GLU](gates.ipynb#glu) | the gate is learned, the other half stays linear |
# | both signs of every unit | [CReLU](gates.ipynb#crelu) | twice the units, nothing cut off |
# | an output above 0 | [Softplus](exponentials.ipynb#softplus), [Squareplus](exponentials.ipynb#squareplus), [Exponential](exponentials.ipynb#exponential) | smooth, and positive on both sides |
# | exact zeros and a smooth slope | [Sparse plus](shrinkers.ipynb#sparse-plus) | a parabola instead of a corner |
# | a gate between 0 and 1 | [Sigmoid](sigmoids.ipynb#sigmoid), [Hard sigmoid](sigmoids.ipynb#hard-sigmoid), [Sparse sigmoid](sigmoids.ipynb#sparse-sigmoid) | smooth; with exact ends; with early exact ends |
# | outputs between −1 and 1 | [Tanh](sigmoids.ipynb#tanh), [Softsign](sigmoids.ipynb#softsign) | a slope of 1 at 0; softsign is slower to reach its ends |
# | small numbers at exactly 0 | [Hard shrink](shrinkers.ipynb#hard-shrink), [Soft shrink](shrinkers.ipynb#soft-shrink), [Threshold](rectifiers.ipynb#threshold) | keeps the rest; moves it, too; drops what is negative |
# | shrinking without a corner | [Tanh shrink](shrinkers.ipynb#tanh-shrink) | smooth, but mind small inputs |
# | one of several classes | [Softmax](softmaxes.ipynb#softmax), [Sparsemax](softmaxes.ipynb#sparsemax), [Softmin](softmaxes.ipynb#softmin) | they sum to 1; with exact zeros; from costs |
# | the logarithm of a probability | [LogSigmoid](sigmoids.ipynb#logsigmoid), [LogSoftmax](softmaxes.ipynb#logsoftmax) | in one step, so that no log of 0 is taken |
# | a choice that is drawn, with a gradient | [Gumbel-softmax](softmaxes.ipynb#gumbel-softmax) | noise first, then a softmax |
#
# ## All names
#
# **paired**: both frameworks have it. **bridged**: one does not, and the chapter builds it there.
#
# ```{components} activations
# ```
