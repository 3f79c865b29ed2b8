"""How many channel-windows a second we train, beside the same networks in PyTorch; both with their feeding.

    pip install torch==2.13.0        # only this script needs it
    python -m tests.benchmarks.training_throughput

Ours is the real training loop (`NetworkForecaster.fit`), by the seconds of its epochs; PyTorch's is a plain loop that
draws an order for each epoch and gathers every batch from the series, as ours does. The sides take turns, each in a
process of its own, and the best epoch of each counts: other work on the machine only ever slows one down.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    MaxPool1D,
    Network,
    PerChannel,
    SubtractLast,
)
from forecast_cli.types import Panel, Split, Training, Window

ROUNDS, EPOCHS = 3, 3  # the first epoch of ours holds the tracing and does not count
STEPS = 200  # an epoch, the fewest that ours has


@dataclass(frozen=True)
class Case:
    """One network at the shape and the batch that it is trained with."""

    name: str
    network: Network
    window: Window
    n_channels: int
    n_targets: int
    batch: int  # channel-windows

    @property
    def windows(self) -> int:
        """Windows a step."""
        return self.batch // self.n_targets


CASES = (
    Case(
        "conv-birnn, lookback 720, horizon 96, 7 targets",
        Network(
            (PerChannel(), SubtractLast()),
            (
                Conv1D(64, 48, strides=24, activation="swish"),
                MaxPool1D(2),
                Bidirectional(LSTM(64), GRU(64)),
                Dropout(0.5),
            ),
        ),
        Window(720, 96),
        7,
        7,
        252,
    ),
    Case(
        "conv-birnn-hybrid, lookback 50, 6 channels, 1 target",
        Network(
            (),
            (
                Conv1D(32, 10, activation="swish"),
                MaxPool1D(2),
                Bidirectional(LSTM(24), GRU(16)),
                Bidirectional(LSTM(24), GRU(24)),
                Flatten(),
                Dense(256, "swish"),
            ),
        ),
        Window(50, 1),
        6,
        1,
        256,
    ),
)


def draw_series(case: Case) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return random walks (R, C), just long enough for the steps of an epoch."""
    rows = case.windows * STEPS + case.window.lookback + case.window.horizon - 1
    walks = np.random.default_rng(0).normal(size=(rows, case.n_channels)).cumsum(axis=0)
    return (walks / walks.std(axis=0)).astype(np.float32)


def time_ours(case: Case) -> list[float]:
    """Return the seconds of each epoch of our training, the first with its tracing."""
    from forecast_cli.models.networks.forecaster import NetworkForecaster

    values = draw_series(case)
    cutoffs = np.arange(case.window.lookback - 1, len(values) - case.window.horizon)
    none = np.empty(0, dtype=np.int64)
    panel = Panel(
        series_ids=("walk",),
        indptr=np.array([0, len(values)]),
        origin=None,
        freq="1",
        tz=None,
        start=np.zeros(1, dtype=np.int64),
        values=values,
        offset=np.zeros((1, case.n_channels)),
        observed=np.ones(values.shape, dtype=bool),
        channels=tuple(f"c{i}" for i in range(case.n_channels)),
        units=("",) * case.n_channels,
        n_targets=case.n_targets,
        season_length=1,
    )
    training = Training(epochs=1 + EPOCHS, batch_size=case.batch)
    unfitted = NetworkForecaster(case.name, case.network, case.window, training)
    fitted = unfitted.fit(panel, Split(cutoffs, none, none, (len(values),) * 3), _Silent())
    return [epoch.seconds for epoch in fitted.history]


class _Silent:
    def note(self, text: str, flag: str = "", *, warning: bool = False) -> None: ...

    def progress(self, stage: str, done: int, total: int, facts: object) -> None: ...


def time_torch(case: Case) -> list[float]:
    """Return the seconds of each epoch of the same training in PyTorch."""
    import torch

    torch.manual_seed(0)
    values = torch.from_numpy(draw_series(case))
    cutoffs = torch.arange(case.window.lookback - 1, len(values) - case.window.horizon)
    past, future = torch.arange(1 - case.window.lookback, 1), torch.arange(1, 1 + case.window.horizon)
    model = _build_torch(case)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    seconds = []
    for _ in range(1 + EPOCHS):
        began, total = time.perf_counter(), 0.0
        order = cutoffs[torch.randperm(len(cutoffs))]
        for step in range(STEPS):
            rows = order[step * case.windows : (step + 1) * case.windows, None]
            optimizer.zero_grad(set_to_none=True)
            error = model(values[rows + past]) - values[rows + future][:, :, : case.n_targets]
            loss = error.abs().mean()
            loss.backward()
            optimizer.step()
            total += loss.item()
        seconds.append(time.perf_counter() - began)
    return seconds


def _build_torch(case: Case) -> Any:
    """Return the network of a case in PyTorch, with the same number of parameters."""
    import torch
    from torch import nn

    class BothWays(nn.Module):
        """An LSTM forward, a GRU backward."""

        def __init__(self, n: int, forward: int, backward: int, sequence: bool) -> None:
            super().__init__()
            self.ahead, self.back = nn.LSTM(n, forward, batch_first=True), nn.GRU(n, backward, batch_first=True)
            self.sequence = sequence

        def forward(self, x: Any) -> Any:
            a, b = self.ahead(x)[0], self.back(x.flip(1))[0]
            if self.sequence:
                return torch.cat([a, b.flip(1)], dim=-1)
            return torch.cat([a[:, -1], b[:, -1]], dim=-1)

    class PerTarget(nn.Module):
        """The default network."""

        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv1d(1, 64, 48, stride=24, padding=12)
            self.pool, self.both, self.dropout = nn.MaxPool1d(2), BothWays(64, 64, 64, False), nn.Dropout(0.5)
            self.head = nn.Linear(128, case.window.horizon)

        def forward(self, x: Any) -> Any:
            last = x[:, -1:]
            each = (x - last).transpose(1, 2).reshape(-1, 1, x.shape[1])  # (B, L, C) -> (B*T, 1, L)
            each = self.pool(nn.functional.silu(self.convolution(each)))
            y = self.head(self.dropout(self.both(each.transpose(1, 2))))
            return y.view(len(x), -1, case.window.horizon).transpose(1, 2) + last

    class Hybrid(nn.Module):
        """The two-layer hybrid."""

        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.pool = nn.Conv1d(6, 32, 10), nn.MaxPool1d(2)
            self.first, self.second = BothWays(32, 24, 16, True), BothWays(40, 24, 24, True)
            self.dense, self.head = nn.Linear(25 * 48, 256), nn.Linear(256, 1)

        def forward(self, x: Any) -> Any:
            padded = nn.functional.pad(x.transpose(1, 2), (4, 5))
            x = self.pool(nn.functional.silu(self.convolution(padded))).transpose(1, 2)
            x = self.second(self.first(x)).flatten(1)
            return self.head(nn.functional.silu(self.dense(x)))[:, :, None]

    return PerTarget() if not case.network.mixes_channels else Hybrid()


def measure(side: Any, case: Case) -> list[float]:
    """Return what `side(case)` returns, from a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return list(pool.apply(side, (case,)))


def main() -> None:
    """Print the table."""
    print(f"{'channel-windows a second':54} {'ours':>8} {'PyTorch':>8} {'ratio':>6}   first epoch: ours, PyTorch (s)")
    for case in CASES:
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(measure(time_ours, case))
            theirs.append(measure(time_torch, case))
        work = case.windows * case.n_targets * STEPS
        rates = [work / min(second for run in side for second in run[1:]) for side in (ours, theirs)]
        firsts = [min(run[0] for run in side) for side in (ours, theirs)]
        print(
            f"{case.name:54} {rates[0]:8,.0f} {rates[1]:8,.0f} {rates[0] / rates[1]:6.2f}"
            f"   {firsts[0]:.1f}, {firsts[1]:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
