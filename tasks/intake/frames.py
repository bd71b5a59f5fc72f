"""Frames of dozens of text columns: choosing rows copies each column, so nothing is copied in vain.

Frames are copy-on-write: handing the same one on is safe.
"""

import numpy as np
import pandas as pd


def rows_where(frame: pd.DataFrame, keep: np.ndarray | pd.Series) -> pd.DataFrame:
    """The rows where `keep` holds, with their index; the frame itself where all are kept."""
    mask = np.asarray(keep, dtype=bool)
    return frame if mask.all() else frame[mask]
