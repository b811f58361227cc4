"""How both peers take two masks from a request."""
import io

import numpy as np


async def files(pred, target):
    """Two files of a form, NPY."""
    return [np.load(io.BytesIO(await file.read()), allow_pickle=False) for file in (pred, target)]


async def lists(request):
    """Two members of a JSON object, lists of lists."""
    body = await request.json()
    return [np.asarray(body[name], np.uint8) for name in ("pred", "target")]


async def raw(request, height, width):
    """Both masks, one behind the other, with nothing to parse."""
    return np.frombuffer(await request.body(), np.uint8).reshape(2, height, width)
