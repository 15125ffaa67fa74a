"""Records which operations each public name of each component runs: ``operations.json``.

Run ``python -m diptych.forbidden.record`` after a component or a version has changed. Each name is
called with a few arguments, in the hope that some fit. The operations that ran are kept, except
those that any formula may use, and those of another component (``tf.nn.crelu`` runs ReLU's
``Relu``).
"""

from __future__ import annotations

import inspect
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf  # imports keras, too: its names are resolved as well
import torch

from diptych.catalogue.component import Component, catalogue
from diptych.forbidden import witness
from diptych.forbidden.calls import CALLS
from diptych.forbidden.functions import resolve
from diptych.forbidden.operations import plain

FILE = Path(__file__).with_name("operations.json")
INPUT = np.random.default_rng(0).normal(size=(2, 3, 4, 4)).astype(np.float32)
ARGUMENTS = ((), (0.5,), (-1,), (1,), (1.0, 0.5), (0.1, 0.6), (3,), (np.full(3, 0.25, "f4"),))
OPTIONS = ({}, {"training": True})
# TensorFlow runs these for the gradient of a slice, too. The function tf.pad is seen by its name.
OF_GRADIENTS = frozenset({"Pad"})
# Operations that any formula may use: they belong to no component. Names as plain() returns them.
GENERIC = frozenset(
    re.findall(
        r"\w+",
        """
        abs acos add addcdiv addcmul addmm addv2 alias all aminmax and any arange argmax argmin
        assignaddvariableop assignsubvariableop assignvariableop asstrided avgpool avgpool2d
        avgpool3d backward batchmatmulv2 batchtospacend bernoulli biasadd bitwiseand bmm
        broadcastargs broadcastto cast cat ceil clamp clampmin clone concat concatv2 const constant
        constantpad constantpadnd contiguous copy cos cumsum densebincount detach dim div divnonan
        dropout einsum empty emptylike eq equal erf erfc expand expanddims expm1 exponential fftr2c
        fill flatten floor floordiv floormod full gather gathernd gatherv2 ge get getitem greater
        greaterequal gt hashtablev2 identity imag index indexcopy indexfill indexselect iscomplex
        iscontiguous isfinite item kaiminguniform le lerp less lessequal liftfresh linalgvectornorm
        linear localscalardense log log1p logaddexp logicaland logicalnot logicalor
        lookuptablefindv2 lookuptableimportv2 lookuptablesizev2 lt matmul matrixdiagpartv3
        matrixdiagv3 matrixsetdiagv3 max maximum mean min minimum mm mul multiheadattention mv ne
        neg new newempty newemptystrided newzeros nllloss nonzero norm normal notequal numel onehot
        ones oneslike pack padv2 permute placeholderwithdefault pow prod qr raggedtensortotensor
        rand randlike randomuniform range readvariableop real realdiv reciprocal
        recordfunctionenternew recordfunctionexit relugrad repeat requiresgrad reshape resizeas
        reversev2 rfft rsqrt rsub scalartensor scatter scatternd select selectv2 set setgradenabled
        shape sign sin size slice softmaxgrad sort spacetobatchnd sparsetodense split splitwithsizes
        sqrt square squareddifference squeeze stack statelessrandomgetkeycounter
        statelessrandomnormalv2 statelessrandomuniformv2 statelesstruncatednormalv2 stopgradient
        stridedslice sub sum t tensor tensordot tensorscatteradd tensorscatterupdate tile tocopy
        topk topkv2 transpose unbind uniform unpack unsafesplit unsafeview unsqueeze var varhandleop
        varmean vdot view where xlogy zero zeros zeroslike
        """,
    )
)


def record() -> dict[str, list[str]]:
    """For each public name of a component, the labels of the operations that belong to it alone."""
    components = [c for c in catalogue() if c.kind != "usage"]
    ran = {symbol: _ran(symbol) for c in components for symbol in c.symbols}
    owners: dict[str, list[Component]] = {}  # several components have F.pad
    for each in components:
        for symbol in each.symbols:
            owners.setdefault(plain(symbol), []).append(each)
    return {
        symbol: sorted(label for label in ran[symbol] if _is_own(label, component, owners))
        for component in components
        for symbol in component.symbols
    }


def _is_own(label: str, component: Component, owners: dict[str, list[Component]]) -> bool:
    name = plain(label)
    if label in OF_GRADIENTS:
        return False
    return component in owners[name] if name in owners else name not in GENERIC


def _ran(symbol: str) -> set[str]:
    return {label for labels in attempts(symbol) for label in labels}


def attempts(symbol: str, symbols: Iterable[str] | None = None) -> Iterator[set[str]]:
    """The labels of what runs in each call of a public name that raises no error.

    ``symbols`` are the functions to look for (see :func:`diptych.forbidden.witness.watching`).
    """
    made = resolve(symbol)
    if symbol in CALLS:
        names = {"made": made, "x": _tensor(symbol, INPUT)}
        names |= {"torch": torch, "tf": tf, "keras": tf.keras}
        with witness.watching(symbols) as labels:
            eval(CALLS[symbol], names)
        yield labels
        return
    for arguments in ARGUMENTS:
        for options in OPTIONS:
            more = [_tensor(symbol, a) for a in arguments]
            try:
                with witness.watching(symbols) as labels:
                    if inspect.isclass(made):
                        made(*more)(_tensor(symbol, INPUT), **options)
                    else:
                        made(_tensor(symbol, INPUT), *more, **options)
            except Exception:  # these arguments do not fit
                continue
            yield labels


def _tensor(symbol: str, value: object) -> object:
    if not isinstance(value, np.ndarray):
        return value
    if symbol.startswith("torch."):
        return torch.from_numpy(value.copy())
    return tf.constant(value)


def main() -> None:
    """Write ``operations.json`` beside this module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        FILE.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
