#!/usr/bin/env python3
"""Independent reference values for the clusters of comments no theme claims.

Run with the packages pinned in requirements.txt:

    python -I tests/reference/discovery.py > tests/reference/discovery.json

Output
------
One JSON object with sorted keys, one case per line.

  density    {points, least_size, most, neighbours, labels}: 200 points in 5
             dimensions, four clouds of different density and noise between.
             sklearn.cluster.HDBSCAN(min_cluster_size=least_size,
             max_cluster_size=most, min_samples=neighbours, algorithm="brute");
             -1 is noise.  The labels' numbers are arbitrary.
  reduction  {points, cosines}: 60 points in 30 dimensions.
             sklearn.decomposition.PCA(20, svd_solver="full"), each row scaled
             to length 1; the cosines of the first row with every row, which do
             not depend on the signs of the components.  Checked here against
             numpy.linalg.svd of the centred points.

Points are rounded to 6 decimals before anything is computed; they come from
numpy's PCG64 with the fixed seeds below.  Cosines have 12 significant digits:
compare with an absolute tolerance of 1e-9.
"""

import json

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA


def density(seed, most):
    random = np.random.Generator(np.random.PCG64(seed))
    clouds = [
        random.normal(centre, spread, size=(count, 5))
        for centre, spread, count in ((0, 0.3, 50), (4, 0.6, 45), (-4, 0.9, 40), (8, 0.4, 35))
    ]
    points = np.round(np.vstack([*clouds, random.uniform(-9, 12, size=(30, 5))]), 6)
    points = points[random.permutation(len(points))]
    labels = HDBSCAN(
        min_cluster_size=15,
        max_cluster_size=most,
        min_samples=5,
        algorithm="brute",
        copy=True,
    ).fit_predict(points)
    assert labels.max() >= 1 and (labels < 0).any()
    return {
        "points": points.tolist(),
        "least_size": 15,
        "most": most,
        "neighbours": 5,
        "labels": labels.tolist(),
    }


def reduction():
    random = np.random.Generator(np.random.PCG64(7))
    points = random.normal(size=(60, 30)) * np.linspace(1, 3, 30)
    points = np.round(points / np.linalg.norm(points, axis=1, keepdims=True), 6)
    projected = PCA(20, svd_solver="full").fit_transform(points)
    units = projected / np.linalg.norm(projected, axis=1, keepdims=True)
    cosines = units @ units[0]
    u, s, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    again = (u * s)[:, :20]
    again /= np.linalg.norm(again, axis=1, keepdims=True)
    assert np.allclose(again @ again[0], cosines, atol=1e-12)
    return {"points": points.tolist(), "cosines": [float(f"{c:.12g}") for c in cosines]}


def main():
    cases = {
        "density": [density(1, 200), density(2, 200), density(3, 42)],
        "reduction": [reduction()],
    }
    lines = []
    for name, rows in sorted(cases.items()):
        body = ",\n".join("    " + json.dumps(row, sort_keys=True) for row in rows)
        lines.append(f"  {json.dumps(name)}: [\n{body}\n  ]")
    print("{\n" + ",\n".join(lines) + "\n}")


main()
