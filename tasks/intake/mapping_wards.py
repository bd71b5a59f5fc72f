"""Which polygon a point lies in: even-odd rule on whole arrays, holes and several parts included.

A point on a border that two wards share lies in exactly one of them (edges are half-open). The
plane of degrees is taken as flat, which is exact for the straight edges that a GeoJSON means.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NOWHERE = -1
_AT_ONCE = 2_000_000  # point-edge pairs held in memory


@dataclass(frozen=True)
class Polygon:
    """One polygon of a ward: all edges of its rings as rows (x1, y1, x2, y2)."""

    ward: int
    edges: np.ndarray

    @classmethod
    def of(cls, ward: int, rings: Sequence[Sequence[Sequence[float]]]) -> "Polygon":
        """From GeoJSON rings: the outer one, then its holes."""
        return cls(ward, np.concatenate([_edges(ring) for ring in rings]))

    def holds(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Whether each point lies inside: its ray to the east crosses an odd number of edges."""
        x1, y1, x2, y2 = self.edges.T
        inside = (x >= x1.min()) & (x <= x1.max()) & (y >= y1.min()) & (y <= y1.max())
        near = np.flatnonzero(inside)
        step = max(1, _AT_ONCE // len(self.edges))
        for start in range(0, len(near), step):
            some = near[start : start + step]
            px, py = x[some, None], y[some, None]
            crosses = (y1 > py) != (y2 > py)
            rise = np.where(y1 == y2, 1.0, y2 - y1)
            east = px < x1 + (py - y1) * (x2 - x1) / rise
            inside[some] = (crosses & east).sum(axis=1) % 2 == 1
        return inside


def ward_of(x: np.ndarray, y: np.ndarray, polygons: Sequence[Polygon]) -> np.ndarray:
    """The number of each point's ward; NOWHERE in none, in two, and where a number is nan."""
    found = np.full(len(x), NOWHERE, dtype=np.int64)
    twice = np.zeros(len(x), dtype=bool)
    for polygon in polygons:
        here = polygon.holds(x, y)
        twice |= here & (found != NOWHERE) & (found != polygon.ward)
        found[here] = polygon.ward
    found[twice] = NOWHERE
    return found


def _edges(ring: Sequence[Sequence[float]]) -> np.ndarray:
    points = np.array([point[:2] for point in ring], dtype=np.float64)
    return np.concatenate([points, np.roll(points, -1, axis=0)], axis=1)
