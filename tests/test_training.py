"""nnlib.training against loops and means written by hand."""

import copy

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbval.plugin import coalesce_streams
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from nnlib.training import Batches, accuracy, evaluate, fit


def make_data(n=50, seed=0):
    X = torch.randn(n, 4, generator=torch.Generator().manual_seed(seed))
    return X, (X[:, 0] + 0.5 * X[:, 1] > 0).long()


def make_model(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2)
    )


def make_optimizer(model, lr=0.05):
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)


def assert_same_state(model, other):
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


# Batches


def test_batches_give_every_row_once_with_its_target():
    X = torch.arange(10).reshape(10, 1)
    batches = Batches(X, X[:, 0] * 7, batch_size=4)
    pairs = list(batches)
    assert [len(y) for _, y in pairs] == [4, 4, 2]
    assert len(batches) == 3
    assert all(torch.equal(X[:, 0] * 7, y) for X, y in pairs)
    assert sorted(torch.cat([y for _, y in pairs]).tolist()) == [7 * i for i in range(10)]


def test_batches_shuffle_anew_each_epoch_and_repeat_under_a_seed():
    X = torch.arange(100)

    def orders(seed, shuffle=True):
        batches = Batches(X, X, 30, shuffle=shuffle, seed=seed)
        return [torch.cat([y for _, y in batches]).tolist() for _ in range(2)]

    torch.manual_seed(1)
    first = orders(seed=3)
    torch.manual_seed(2)  # torch's own generator plays no part
    assert orders(seed=3) == first
    assert first[0] != first[1]
    assert orders(seed=4) != first
    assert orders(seed=3, shuffle=False) == [X.tolist(), X.tolist()]


def test_batches_of_a_full_last_batch_have_no_empty_one():
    assert [len(y) for _, y in Batches(torch.zeros(6, 1), torch.zeros(6), 3)] == [3, 3]


@pytest.mark.parametrize(
    "rows, targets, batch_size, complaint",
    [(3, 2, 1, "3 rows and y has 2"), (0, 0, 1, "0 rows"), (3, 3, 0, "batch_size is 0")],
)
def test_batches_refuse_what_cannot_be_cut(rows, targets, batch_size, complaint):
    with pytest.raises(ValueError, match=complaint):
        Batches(torch.zeros(rows, 1), torch.zeros(targets), batch_size)


# fit


def test_fit_is_the_loop_written_by_hand():
    X, y = make_data()
    X_val, y_val = make_data(20, seed=1)
    by_hand = make_model()
    model = copy.deepcopy(by_hand)

    optimizer = make_optimizer(by_hand)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=3 * 4)
    losses, validation_losses = [], []
    torch.manual_seed(5)  # dropout
    batches = Batches(X, y, 16, seed=7)
    for _ in range(3):
        by_hand.train()
        total = 0.0
        for X_batch, y_batch in batches:
            loss = F.cross_entropy(by_hand(X_batch), y_batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += loss.item() * len(X_batch)
        losses.append(total / len(X))
        by_hand.eval()
        with torch.no_grad():
            validation_losses.append(F.cross_entropy(by_hand(X_val), y_val).item())

    optimizer = make_optimizer(model)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=3 * 4)
    torch.manual_seed(5)
    history = fit(
        model,
        Batches(X, y, 16, seed=7),
        F.cross_entropy,
        optimizer,
        epochs=3,
        validation=[(X_val, y_val)],
        scheduler=scheduler,
        progress=False,
    )
    assert_same_state(model, by_hand)
    assert history.train == {"loss": pytest.approx(losses)}
    assert history.validation == {"loss": pytest.approx(validation_losses)}


def test_a_dataloader_of_the_same_batches_gives_the_same_model():
    X, y = make_data()
    # Without dropout: a DataLoader draws a number from torch's generator, dropout would follow.
    models = [make_model()[:3] for _ in range(2)]
    loader = DataLoader(TensorDataset(X, y), batch_size=16)
    for model, batches in zip(models, [loader, Batches(X, y, 16, shuffle=False)]):
        fit(model, batches, F.cross_entropy, make_optimizer(model), epochs=2, progress=False)
    assert_same_state(*models)


def test_the_same_seeds_give_the_same_model_and_another_seed_another():
    def trained(seed):
        model = make_model()
        torch.manual_seed(5)
        batches = Batches(*make_data(), 16, seed=seed)
        fit(model, batches, F.cross_entropy, make_optimizer(model), epochs=2, progress=False)
        return model

    assert_same_state(trained(0), trained(0))
    assert not torch.equal(trained(0)[0].weight, trained(1)[0].weight)


def test_numbers_are_means_over_samples_not_over_batches():
    X, y = make_data()
    model = nn.Linear(4, 2)  # no batch norm, no dropout: one full batch is the referee
    standing_still = make_optimizer(model, lr=0.0)
    metrics = {"accuracy": accuracy, "number": lambda y_hat, y: accuracy(y_hat, y).item()}
    batches = Batches(X, y, 48)  # batches of 48 and 2
    history = fit(
        model,
        batches,
        F.cross_entropy,
        standing_still,
        1,
        validation=batches,
        metrics=metrics,
        progress=False,
    )
    with torch.no_grad():
        logits = model(X)
    share = (logits.argmax(1) == y).double().mean().item()
    expected = {"loss": F.cross_entropy(logits, y).item(), "accuracy": share, "number": share}
    assert {name: values[0] for name, values in history.train.items()} == pytest.approx(expected)
    assert {name: v[0] for name, v in history.validation.items()} == pytest.approx(expected)
    assert evaluate(model, batches, F.cross_entropy, metrics) == pytest.approx(expected)


class FrozenNorm(nn.BatchNorm1d):
    """As a learner may freeze a layer: it ignores train()."""

    def train(self, mode=True):
        return self


def test_every_module_gets_its_own_mode_back():
    model = make_model()
    model[1] = FrozenNorm(8)
    model[1].training = False
    model[3].eval()
    modes = [module.training for module in model.modules()]
    assert True in modes and False in modes
    seen = []
    model[3].register_forward_hook(lambda module, *_: seen.append(module.training))
    batches = [make_data()]
    fit(
        model,
        batches,
        F.cross_entropy,
        make_optimizer(model),
        2,
        validation=batches,
        progress=False,
    )
    assert seen == [True, False, True, False]  # train mode returns after each validation
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(model[1].running_mean, torch.zeros(8))
    evaluate(model, batches, F.cross_entropy)
    assert [module.training for module in model.modules()] == modes


def test_a_module_used_in_two_places_gets_its_mode_back():
    shared = nn.Linear(4, 4)
    model = nn.Sequential(shared, nn.Sequential(nn.ReLU(), shared))
    shared.eval()  # inside an inner Sequential in train mode
    evaluate(model, [make_data()], F.cross_entropy)
    assert [module.training for module in model.modules()] == [True, False, True, True]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_modes_come_back_after_an_error(error):
    def failing_loss(y_hat, y):
        raise error

    model = make_model().eval()
    with pytest.raises(error):
        fit(model, [make_data()], failing_loss, make_optimizer(model), 1, progress=False)
    assert not any(module.training for module in model.modules())
    model.train()
    with pytest.raises(error):
        evaluate(model, [make_data()], failing_loss)
    assert all(module.training for module in model.modules())


def test_evaluate_has_dropout_off_and_changes_nothing():
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 2), nn.BatchNorm1d(2))
    X, y = make_data()
    before = copy.deepcopy(model)
    logits_need_gradients = []

    def loss_fn(y_hat, y):
        logits_need_gradients.append(y_hat.requires_grad)
        return F.cross_entropy(y_hat, y)

    found = evaluate(model, [(X, y)], loss_fn)
    before.eval()
    assert found == {"loss": pytest.approx(F.cross_entropy(before(X), y).item())}
    assert logits_need_gradients == [False]
    assert_same_state(model, before)


def test_evaluate_needs_no_parameters():
    X, y = make_data()
    found = evaluate(nn.Identity(), [(X, X)], F.mse_loss)
    assert found == {"loss": 0.0}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
def test_fit_and_evaluate_on_a_gpu():
    X, y = make_data()
    histories = []
    for device in ("cpu", "cuda"):
        torch.manual_seed(0)
        model = nn.Linear(4, 2).to(device)
        histories.append(
            fit(
                model,
                Batches(X, y, 16),
                F.cross_entropy,
                make_optimizer(model),
                3,
                validation=[(X, y)],
                metrics={"accuracy": accuracy},
                progress=False,
            )
        )
        assert model.weight.device.type == device
    for on_cpu, on_gpu in zip(histories[0].train.values(), histories[1].train.values()):
        assert on_gpu == pytest.approx(on_cpu, abs=1e-4)


# Mistakes


def test_epochs_below_one():
    model = make_model()
    with pytest.raises(ValueError, match="epochs is 0"):
        fit(model, [make_data()], F.cross_entropy, make_optimizer(model), 0)


def test_a_generator_is_gone_after_one_epoch():
    model = make_model()
    once = (pair for pair in [make_data()])
    with pytest.raises(ValueError, match="in epoch 2, batches gave nothing"):
        fit(model, once, F.cross_entropy, make_optimizer(model), 2, progress=False)
    with pytest.raises(ValueError, match="while evaluating, batches gave nothing"):
        evaluate(model, [], F.cross_entropy)


def test_an_optimizer_made_for_another_model():
    model = make_model()
    before = copy.deepcopy(model)
    with pytest.raises(ValueError, match="does not hold this model's parameters"):
        fit(model, [make_data()], F.cross_entropy, make_optimizer(make_model()), 1)
    assert_same_state(model, before)


def test_an_optimizer_made_before_a_layer_was_replaced():
    model = make_model()
    optimizer = make_optimizer(model)
    model[4] = nn.Linear(8, 2)
    with pytest.raises(ValueError, match="whenever you replace the model or one of its layers"):
        fit(model, [make_data()], F.cross_entropy, optimizer, 1)


def test_an_optimizer_of_the_head_alone_is_no_mistake():
    model = make_model()
    before = copy.deepcopy(model)
    fit(model, [make_data()], F.cross_entropy, make_optimizer(model[4]), 1, progress=False)
    assert torch.equal(model[0].weight, before[0].weight)
    assert not torch.equal(model[4].weight, before[4].weight)


def test_frozen_layers_may_be_left_out_beside_a_loss_with_parameters():
    model = make_model()
    for layer in model[:4]:
        layer.requires_grad_(False)
    scale = nn.Parameter(torch.ones(()))  # of the loss, so the optimizer holds a stranger
    optimizer = torch.optim.SGD([*model[4].parameters(), scale], lr=0.05)
    before = copy.deepcopy(model)

    def loss_fn(y_hat, y):
        return F.cross_entropy(scale * y_hat, y)

    fit(model, [make_data()], loss_fn, optimizer, 1, progress=False)
    assert torch.equal(model[0].weight, before[0].weight)
    assert not torch.equal(model[4].weight, before[4].weight) and scale != 1


def test_a_loss_that_is_not_finite_stops_training():
    model = nn.Linear(4, 1)
    X, _ = make_data()
    steps = []

    def loss_fn(y_hat, y):
        steps.append(len(y))
        return F.mse_loss(y_hat, y)

    optimizer = torch.optim.SGD(model.parameters(), lr=1e12)
    with pytest.raises(FloatingPointError, match="try a smaller learning rate"):
        fit(model, [(X, X[:, :1])], loss_fn, optimizer, 100, progress=False)
    assert len(steps) < 20


# accuracy


def test_accuracy_counts():
    logits = torch.tensor([[0.1, 0.9, 0.0], [3.0, 1.0, 2.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    assert accuracy(logits, torch.tensor([1, 0, 2, 2])).item() == 0.75
    binary = torch.tensor([0.3, -2.0, 0.6, 0.0])
    for labels in (torch.tensor([1, 0, 0, 0]), torch.tensor([1.0, 0.0, 0.0, 0.0])):
        assert accuracy(binary, labels).item() == 0.75
        assert accuracy(binary[:, None], labels).item() == 0.75
        assert accuracy(binary[:, None], labels[:, None]).item() == 0.75


@pytest.mark.parametrize(
    "logits, labels", [((4, 3), (4, 1)), ((4, 3), (4, 3)), ((4,), (3,)), ((2, 3, 4), (24,))]
)
def test_accuracy_refuses_shapes_that_would_be_broadcast(logits, labels):
    with pytest.raises(ValueError, match="one label for each sample"):
        accuracy(torch.zeros(logits), torch.zeros(labels, dtype=torch.int64))


# What is printed


def test_one_line_at_the_end_or_nothing(capsys):
    # The same logits (0, 1) for four samples: three are right and cost log(1 + 1/e) = 0.313,
    # one is wrong and costs 1.313.
    X, y = torch.zeros(4, 4), torch.tensor([1, 1, 0, 1])
    model = nn.Linear(4, 2)
    model.bias.data = torch.tensor([0.0, 1.0])
    still = make_optimizer(model, lr=0.0)

    fit(model, [(X, y)], F.cross_entropy, still, 1, progress=False)
    assert capsys.readouterr() == ("", "")
    history = fit(
        model,
        [(X, y)],
        F.cross_entropy,
        still,
        2,
        validation=[(X, y)],
        metrics={"accuracy": accuracy, "big": lambda y_hat, y: 234.0},
    )
    out, err = capsys.readouterr()
    line = (
        "2 epochs: loss 0.6, accuracy 75 %, big 200; "
        "validation loss 0.6, validation accuracy 75 %, validation big 200"
    )
    assert out.split("\r")[-1] == line + "\n"
    assert repr(history) == line
    assert err == ""


def test_a_notebook_keeps_only_the_line():
    source = """
import torch
from torch import nn
from nnlib.training import fit
model = nn.Linear(1, 1)
still = torch.optim.SGD(model.parameters(), lr=0.0)
one = torch.ones(1, 1)
_ = fit(model, [(one, one)], lambda y_hat, y: 0 * y_hat.sum() + 0.25, still, epochs=1500)
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    outputs = notebook.cells[0].outputs
    assert "\r" in "".join(output.text for output in outputs)  # there was a bar
    kept = coalesce_streams(outputs)
    assert [output.text for output in kept] == ["1500 epochs: loss 0.2\n"]
