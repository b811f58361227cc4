"""Inputs, dense near the hard places: all magnitudes, both tails, kinks and thresholds."""
import numpy as np

LIMITS = {"float32": (-149, 128), "float64": (-1074, 1024)}


def nearest(values, dtype):
    with np.errstate(over="ignore"):
        values = np.asarray(values, dtype=np.float64).astype(dtype)
    return values[np.isfinite(values)]


def magnitudes(rng, dtype, count):
    """Every power of two of the dtype is as likely as any other."""
    low, high = LIMITS[dtype]
    values = np.ldexp(rng.uniform(1, 2, count), rng.integers(low, high, count).astype(int))
    return values * rng.choice([-1, 1], count)


def around(rng, place, dtype, count):
    """Neighbours of a place, and points ever nearer to it."""
    at = np.array(place, dtype=dtype)
    near = [at]
    for side in (-np.inf, np.inf):
        x = at
        for _ in range(3):
            x = np.nextafter(x, np.array(side, dtype=dtype))
            near.append(x)
    scale = 2.0**rng.uniform(-54 if dtype == "float64" else -25, 0, count)
    return np.concatenate([np.array(near, dtype=np.float64),
                           float(at) + scale * rng.choice([-1, 1], count)])


def numbers(rng, dtype, places, count):
    """About `count` numbers of the dtype."""
    tails = (760, 40) if dtype == "float64" else (110, 20)
    many = count // 6
    parts = [magnitudes(rng, dtype, many), rng.uniform(-1, 1, many), rng.uniform(-12, 12, many),
             *(rng.uniform(-tail, tail, many) for tail in tails)]
    parts += [around(rng, place, dtype, many // len(places)) for place in places]
    return nearest(np.concatenate([*parts, [0.0]]), dtype)


def pairs(rng, dtype, places, count):
    """Differences against targets of which half are 0, so that the difference is any number."""
    d = numbers(rng, dtype, places, count)
    target = nearest(np.where(rng.random(d.size) < 0.5, 0, rng.uniform(-8, 8, d.size)), dtype)
    with np.errstate(over="ignore"):
        pred = (d.astype(np.float64) + target).astype(dtype)
    keep = np.isfinite(pred)
    return {"pred": pred[keep], "target": target[keep]}


def signs(rng, dtype, places, count):
    pred = numbers(rng, dtype, places, count)
    return {"pred": pred, "target": rng.choice([-1.0, 1.0], pred.size).astype(dtype)}


def shares(rng, dtype, count):
    """0 to 1, dense near both."""
    small = 2.0**rng.uniform(-60, 0, count)
    values = np.choose(rng.integers(0, 5, count),
                       [small, 1 - small, rng.random(count), np.zeros(count), np.ones(count)])
    return np.clip(values, 0, 1).astype(dtype)


def probabilities(rng, dtype, places, count):
    pred = np.concatenate([shares(rng, dtype, count), nearest([5e-324, 1e-310, 1e-45, 1e-38], dtype)])
    target = shares(rng, dtype, pred.size)
    whole = rng.random(pred.size) < 0.5
    return {"pred": pred, "target": np.where(whole, np.round(target), target).astype(dtype)}


def logits(rng, dtype, places, count):
    pred = numbers(rng, dtype, places, count)
    target = shares(rng, dtype, pred.size)
    whole = rng.random(pred.size) < 0.6
    return {"pred": pred, "target": np.where(whole, np.round(target), target).astype(dtype)}


def rates(rng, dtype, places, count):
    pred = numbers(rng, dtype, places, count)
    target = np.where(rng.random(pred.size) < 0.7, rng.integers(0, 20, pred.size),
                      2.0**rng.uniform(-10, 30, pred.size))
    return {"pred": pred, "target": target.astype(dtype)}


def variances(rng, dtype, places, count):
    both = pairs(rng, dtype, places, count)
    keep = np.abs(both["pred"]) < 1e15
    both = {name: values[keep] for name, values in both.items()}
    both["var"] = (2.0**rng.uniform(-24, 24, both["pred"].size)).astype(dtype)
    return both


def log_probabilities(rng, dtype, places, count):
    pred = -np.abs(numbers(rng, dtype, places, count))
    pred = pred[pred > -1e30]
    return {"pred": pred, "target": shares(rng, dtype, pred.size)}


def rows(rng, dtype, count):
    """Columns: rows close together, far apart, and with one that is far ahead."""
    scale = 2.0**rng.uniform(-20, 9, (count, 1))
    table = rng.normal(0, 1, (count, 6)) * scale + rng.choice([0, 0, 30], (count, 6))
    return {f"x{i}": table[:, i].astype(dtype) for i in range(6)}


KINDS = {f.__name__: f for f in (pairs, signs, probabilities, logits, rates, variances,
                                 log_probabilities)}
