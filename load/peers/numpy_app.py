"""The same reports as a team would write them: FastAPI and NumPy."""
import masks
import numpy as np
from fastapi import FastAPI, File, Request, UploadFile

app = FastAPI()


def report(pred, target, num_classes, ignore_index):
    kept = target != ignore_index
    index = target[kept].astype(np.int64) * num_classes + pred[kept]
    matrix = np.bincount(index, minlength=num_classes**2).reshape(num_classes, num_classes)
    tp = np.diag(matrix)
    support, predicted = matrix.sum(axis=1), matrix.sum(axis=0)
    union = support + predicted - tp
    seen = union > 0
    iou = tp[seen] / union[seen]
    dice = 2 * tp[seen] / (support + predicted)[seen]
    return {"pixels": int(matrix.sum()), "pixel_accuracy": float(tp.sum() / matrix.sum()), "mean_iou": float(iou.mean()),
            "mean_dice": float(dice.mean()), "confusion_matrix": matrix.tolist()}


@app.post("/multipart")
async def multipart(num_classes: int, ignore_index: int, pred: UploadFile = File(), target: UploadFile = File()):
    return report(*await masks.files(pred, target), num_classes, ignore_index)


@app.post("/lists")
async def lists(request: Request, num_classes: int, ignore_index: int):
    return report(*await masks.lists(request), num_classes, ignore_index)


@app.post("/raw")
async def raw(request: Request, height: int, width: int, num_classes: int, ignore_index: int):
    return report(*await masks.raw(request, height, width), num_classes, ignore_index)


@app.post("/mse")
async def mse(request: Request):
    body = await request.json()
    difference = np.asarray(body["pred"], np.float64) - np.asarray(body["target"], np.float64)
    return {"value": float(np.mean(difference**2)), "sum": float(np.sum(difference**2)), "count": difference.size}
