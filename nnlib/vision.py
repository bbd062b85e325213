"""torchvision, importable beside a CPU build of torch.

Use ``from nnlib.vision import torchvision`` instead of ``import torchvision``.
The import costs about 1.5 seconds, so do it where it is first needed.

Why this file exists: the package index ships torchvision built for CUDA. Beside a CPU build of
torch its compiled operators do not load, and while importing it asks torch for the operator
``torchvision::nms``, which then is missing ("operator torchvision::nms does not exist").
Nothing in this course calls that operator. Declaring that it exists, without implementing it,
lets the import finish. The declaration must come after a failed import: where torchvision's own
operators do load, declaring them a second time would be an error.
"""

import sys

import torch

try:
    import torchvision
except RuntimeError as error:
    if "torchvision::nms" not in str(error):
        raise
    _declared = torch.library.Library("torchvision", "DEF")  # kept: dropping it undeclares
    for _name in ("nms", "qnms"):
        _declared.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    # The failed attempt leaves half-imported modules behind; start again without them.
    for _name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[_name]
    import torchvision

__all__ = ["torchvision"]
