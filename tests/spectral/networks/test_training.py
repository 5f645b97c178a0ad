from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="the networks need PyTorch (extra deep)")

import torch
from torch import nn

from hyperpoint.spectral.networks.layers import Dense
from hyperpoint.spectral.networks.training import Samples, Schedule, Training, single_thread, weighted_losses

pytestmark = pytest.mark.usefixtures("torch_on_one_thread")


def generators(num: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(member) for member in range(num)]


def rngs(num: int) -> list[np.random.Generator]:
    return [np.random.default_rng(member) for member in range(num)]


def some_samples(num: int = 8) -> Samples:
    rng = np.random.default_rng(0)
    weights = torch.from_numpy(rng.random(num, dtype=np.float32) + 0.5)
    return Samples(torch.from_numpy(rng.random((num, 4), dtype=np.float32)), torch.arange(num) % 3, weights)


def train(
    stack: nn.Module,
    samples: Samples,
    parts: list[NDArray[np.int64]],
    rngs: list[np.random.Generator],
    num: int,
    schedule: Schedule,
) -> Iterator[nn.Module]:
    training = Training(stack, samples, parts, rngs, num, schedule)
    for _ in range(num):
        training.step()
        yield training.averaged


def test_weighted_losses_agree_with_torch() -> None:
    logits, targets = torch.rand(2, 5, 3), torch.randint(0, 3, (2, 5))
    weights = torch.rand(2, 5)
    expected = nn.functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none") * weights
    assert torch.allclose(weighted_losses(logits, targets, weights), expected, atol=1e-6)


def test_the_last_iterate_is_that_of_torch_sgd() -> None:
    samples, part = some_samples(), np.arange(8)
    ours, theirs = Dense(4, 3, generators(1)), Dense(4, 3, generators(1))
    schedule = Schedule(learning_rate=0.1, batch_size=8, momentum=0.5, averaging=0.0, average_every=1)
    *_, averaged = train(ours, samples, [part], rngs(1), 3, schedule)
    optimiser = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.5)
    for _ in range(3):  # the batch is the whole, whatever its order
        losses = nn.functional.cross_entropy(theirs(samples.spectra[None])[0], samples.targets, reduction="none")
        optimiser.zero_grad()
        ((losses * samples.weights).sum() / samples.weights.sum()).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert torch.allclose(ours.weight, theirs.weight, atol=1e-6)
    assert torch.allclose(averaged.get_parameter("weight"), ours.weight, atol=0.2)


def test_no_averaging_gives_the_iterate_once_the_start_is_forgotten() -> None:
    stack = Dense(4, 3, generators(1))
    states = [
        (averaged.get_parameter("weight").clone(), stack.weight.detach().clone())
        for averaged in train(
            stack, some_samples(), [np.arange(8)], rngs(1), 40, Schedule(averaging=0.9, average_every=1)
        )
    ]
    span = torch.stack([iterate for _, iterate in states])
    last = states[-1][0]
    assert bool(((span.amin(dim=0) - 1e-6 <= last) & (last <= span.amax(dim=0) + 1e-6)).all())
    assert not torch.equal(last, states[-1][1])


def test_a_member_trains_alike_in_any_stack() -> None:
    samples, part = some_samples(), np.arange(8)
    alone, among = Dense(4, 3, generators(1)), Dense(4, 3, generators(3))
    *_, one = train(alone, samples, [part], rngs(1), 5, Schedule())
    *_, three = train(among, samples, [part, part[:4], part[4:]], rngs(3), 5, Schedule())
    assert torch.allclose(one.get_parameter("weight")[0], three.get_parameter("weight")[0], atol=1e-6)


def test_members_that_are_kept_go_on_as_if_the_others_were_still_there() -> None:
    samples, part = some_samples(), np.arange(8)
    *_, alone = train(Dense(4, 3, generators(2)), samples, [part, part], rngs(2), 6, Schedule())
    training = Training(Dense(4, 3, generators(3)), samples, [part] * 3, rngs(3), 6, Schedule())
    for step in range(6):
        if step == 3:
            training.keep(torch.tensor([1]))
        training.step()
    kept = training.averaged.get_parameter("weight")
    assert kept.shape == (1, 4, 3)
    assert torch.allclose(kept[0], alone.get_parameter("weight")[1], atol=1e-6)


def test_a_member_sees_its_part_alone() -> None:
    samples, part = some_samples(), np.arange(4)
    other = Samples(samples.spectra.clone(), samples.targets.clone(), samples.weights.clone())
    other.spectra[4:], other.targets[4:] = 7, 0
    results = []
    for source in (samples, other):
        *_, averaged = train(Dense(4, 3, generators(1)), source, [part], rngs(1), 5, Schedule())
        results.append(averaged.get_parameter("weight"))
    assert torch.equal(*results)


def test_every_sample_is_seen_once_before_one_is_seen_twice() -> None:
    seen: list[torch.Tensor] = []

    class Spy(Dense):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(x.detach())
            return super().forward(x)

    samples = Samples(torch.arange(6.0)[:, None], torch.arange(6) % 2, torch.ones(6))
    list(train(Spy(1, 2, generators(1)), samples, [np.arange(6)], rngs(1), 4, Schedule(batch_size=3)))
    rounds = torch.cat(seen, dim=1).view(2, 6).sort(dim=1).values
    assert rounds.tolist() == [[0, 1, 2, 3, 4, 5]] * 2


def test_the_average_is_in_evaluation_mode_and_the_stack_is_not() -> None:
    stack = nn.Sequential(Dense(4, 3, generators(1)))
    averaged = next(train(stack, some_samples(), [np.arange(8)], rngs(1), 1, Schedule()))
    assert stack.training
    assert not averaged.training


def test_training_needs_no_compiler() -> None:
    """torch.optim imports torch._dynamo, which takes seconds."""
    import subprocess

    code = (
        "import sys, numpy as np; from hyperpoint.spectral import make_classifier; "
        "make_classifier('twocnn', iterations=2, device='cpu').fit(np.eye(4), [0, 1, 0, 1]); "
        "assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_single_thread_puts_the_number_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError), single_thread():
        assert torch.get_num_threads() == 1
        raise RuntimeError
    assert torch.get_num_threads() == before
