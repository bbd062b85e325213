"""Variants of our solutions that are right all the same, with the reason: what `check` may accept.

Each is named by the lines that it changes. Where any answer of a kind will do, see `OPEN`.
"""

OPEN = {
    "average_weights": "a list of two numbers will do, too",
    "gate": "more than one line makes a gate",
    "digit_net": "any network with pictures in and ten logits out will do",
    "softmax_impostors": "other inputs expose them, too",
    "sigmoid_backward_impostors": "other inputs expose them, too",
    "standardize_impostors": "other inputs expose them, too",
    "grid_impostors": "other inputs expose them, too",
    "attention_impostors": "other inputs expose them, too",
}

RIGHT = {
    "attention": {
        "a query and a key have the same length": [
            "d = K.shape[1]",
            "d = Q.shape[-1]",
        ],
    },
    "Value": {
        "a sum is the same the other way round, and so are its slopes": [
            "return Value(self.data + other.data, (other, self), (1.0, 1.0))",
        ],
        "nothing adds to the blame of the last value": [
            "self.grad = 1.0",
        ],
    },
    "slope": {
        "detach() makes a tensor of its own; its numbers are only read": [
            "copy = x.detach().requires_grad_()",
        ],
    },
    "perceptron": {
        "a vector is its own transpose, and x @ w is w @ x": [
            "z = x @ w.T + b",
        ],
        "all of them have the same dtype": [
            "return (z > 0).to(w.dtype)",
            "return (z > 0).to(b.dtype)",
            "return (z > 0).to(z.dtype)",
        ],
    },
    "perceptron_update": {
        "a vector is its own transpose, and x @ w is w @ x": [
            "output = 1.0 if w @ x + b > 0 else 0.0",
            "output = 1.0 if x.T @ w + b > 0 else 0.0",
            "output = 1.0 if x @ w.T + b > 0 else 0.0",
        ],
    },
    "fit_perceptron": {
        "the first update turns b into X's dtype": [
            "w, b = (torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros(()))",
            "w, b = (torch.zeros(X.shape[1], dtype=X.dtype), torch.zeros((), dtype=y.dtype))",
        ],
        "the last of two dimensions is the second": [
            "w, b = (torch.zeros(X.shape[-1], dtype=X.dtype), torch.zeros((), dtype=X.dtype))",
        ],
        "a vector is its own transpose, and x @ w is w @ x": [
            "output = 1.0 if w @ x + b > 0 else 0.0",
            "output = 1.0 if x.T @ w + b > 0 else 0.0",
            "output = 1.0 if x @ w.T + b > 0 else 0.0",
        ],
    },
    "relu": {
        "at 0 both branches give 0, and no gradient is asked for": [
            "return torch.where(z >= 0, z, torch.zeros_like(z))",
        ],
    },
    "collapse": {
        "a vector is its own transpose, and x @ w is w @ x": [
            "return (W2 @ W1, W2 @ b1.T + b2)",
        ],
    },
    "sigmoid": {
        "at 0 both forms give the same value and gradient": [
            "return torch.where(z <= 0, small / (1 + small), 1 / (1 + large))",
        ],
        "a limit of 1 is as safe as 0: e does not overflow": [
            "small = torch.exp(torch.clamp(z, max=1))",
            "large = torch.exp(torch.clamp(-z, max=1))",
        ],
    },
    "leaky_relu": {
        "at the border both branches give the same value, and the gradient asked for": [
            "return torch.where(z >= 0, z, slope * z)",
        ],
    },
    "dead_units": {
        "the numbers stand in one row, so that is their mean": [
            "return dead.double().sum() / len(dead.double())",
            "return dead.double().sum() / dead.double().shape[-1]",
            "return dead.double().sum(dim=0) / dead.double().shape[-1]",
            "return dead.double().sum(dim=0) / dead.double().numel()",
        ],
    },
    "sse": {
        "a distance has no sign": [
            "return ((y - y_hat) ** 2).sum()",
        ],
    },
    "rmse": {
        "a distance has no sign": [
            "return ((y - y_hat) ** 2).mean().sqrt()",
        ],
    },
    "mae": {
        "a distance has no sign": [
            "return (y - y_hat).abs().mean()",
        ],
    },
    "huber": {
        "a distance has no sign": [
            "size = (y - y_hat).abs()",
        ],
        "at delta parabola and line meet, as high and as steep": [
            "return torch.where(size < delta, parabola, line).mean()",
        ],
    },
    "cross_entropy": {
        "both sides are as long": [
            "chosen = shifted[torch.arange(labels.shape[-1]), labels]",
            "chosen = shifted[torch.arange(labels.numel()), labels]",
            "chosen = shifted[torch.arange(len(logits)), labels]",
            "chosen = shifted[torch.arange(len(largest)), labels]",
            "chosen = shifted[torch.arange(len(shifted)), labels]",
        ],
        "the numbers stand in one row, so that is their mean": [
            "return (log_sum_exp - chosen).sum() / len((log_sum_exp - chosen))",
            "return (log_sum_exp - chosen).sum() / (log_sum_exp - chosen).shape[-1]",
            "return (log_sum_exp - chosen).sum(dim=0) / (log_sum_exp - chosen).shape[-1]",
            "return (log_sum_exp - chosen).sum(dim=0) / (log_sum_exp - chosen).numel()",
            "chosen = shifted[torch.arange(len(log_sum_exp)), labels]",
        ],
    },
    "hinge": {
        "the numbers stand in one row, so that is their mean": [
            "return (1 - margin).clamp(min=0).sum() / len((1 - margin).clamp(min=0))",
            "return (1 - margin).clamp(min=0).sum() / (1 - margin).clamp(min=0).shape[-1]",
            "return (1 - margin).clamp(min=0).sum(dim=0) / (1 - margin).clamp(min=0).shape[-1]",
            "return (1 - margin).clamp(min=0).sum(dim=0) / (1 - margin).clamp(min=0).numel()",
        ],
    },
    "minimize": {
        "autograd.grad needs no fresh leaf, only a longer graph; the path is detached at the end": [
            "w = w - lr * grad.detach()",
            "w = w.requires_grad_()",
            "w = w - lr * grad",
        ],
        "w is a copy of w0": [
            "path = [w0]",
        ],
        "the loop makes new tensors, and never writes into w0": [
            "w = w0",
        ],
        "no step is in the graph of another": [
            "return torch.stack(path)",
        ],
    },
    "numeric_gradient": {
        "every element is overwritten": [
            "gradient = torch.ones_like(w)",
        ],
        "the two copies do not know of each other": [
            "left.view(-1)[i] -= eps",
        ],
        "the copies are alike": [
            "left, right = (w.clone(), w.clone())",
        ],
        "both sides are as long": [
            "for i in range(gradient.numel()):",
        ],
    },
    "mse_backward": {
        "both sides are as long": [
            "return 2 * (y_hat - y) / y_hat.numel()",
        ],
    },
    "train_step": {
        "zeroing is in time if it comes before backward": [
            "optimizer.zero_grad()",
        ],
        "the optimizer has the model's parameters": [
            "model.zero_grad()",
        ],
        "a number may come as a 0-d tensor": [
            "return loss",
        ],
    },
    "min_max_scale": {
        "both signs are turned: the quotient stays": [
            "return (low - X) / (low - high)",
        ],
    },
    "BatchNorm": {
        "neither step needs the other": [
            "self.eps, self.momentum = (eps, momentum)",
            "self.running_var += self.momentum * (X.var(dim=0) - self.running_var)",
            "self.num_batches_tracked += 1",
        ],
        "the order of buffers is not asked for": [
            "self.register_buffer('running_mean', torch.zeros(num_features))",
            "self.register_buffer('running_var', torch.ones(num_features))",
            "self.register_buffer('num_batches_tracked', torch.tensor(0))",
        ],
        "returning in each branch is the same": [
            "return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias",
        ],
    },
    "train_test_split": {
        "X and y are as long, and so is their order": [
            "order = torch.randperm(len(y), generator=generator)",
            "size = round(len(y) * fraction)",
            "size = round(len(order) * fraction)",
        ],
    },
    "make_mlp": {
        "zip ends with the shorter list": [
            "for inputs, outputs in zip(sizes, sizes[1:]):",
        ],
        "taken from the other list and handed over in the other order": [
            "for inputs, outputs in zip(sizes[1:], sizes[:-1]): ⏎ layers += [nn.Linear(outputs, inputs), nn.ReLU()]",
        ],
    },
    "train_one_epoch": {
        "0 and 0.0 are the same start": [
            "total, count = (0.0, 0)",
            "count, total = (0.0, 0)",
            "total, count = (0, 0.0)",
        ],
        "zeroing is in time if it comes before backward; the sums do not need each other": [
            "optimizer.zero_grad()",
            "total += loss.item() * len(X)",
            "count += len(X)",
        ],
        "the optimizer has the model's parameters": [
            "model.zero_grad()",
        ],
        "minus by minus": [
            "total -= loss.item() * len(X) ⏎ count -= len(X)",
        ],
        "a number may come as a 0-d tensor": [
            "total += loss * len(X)",
        ],
        "both sides are as long": [
            "total += loss.item() * len(y)",
            "count += len(y)",
        ],
    },
    "TwoInputNet": {
        "any network of both inputs with a hidden layer will do": [
            "self.answer = nn.Linear(hidden, 1)",
            "self.skip = nn.Linear(d1 + d2, 1)",
            "return self.answer(self.join(both).relu()) - self.skip(both)",
            "return self.answer(self.join(both).relu()) * self.skip(both)",
        ],
    },
    "accuracy": {
        "the numbers stand in one row, so that is their mean": [
            "return ((predicted == labels).double().sum() / len((predicted == labels).double())).item()",
            "return ((predicted == labels).double().sum() / (predicted == labels).double().shape[-1]).item()",
            "return ((predicted == labels).double().sum(dim=0) / (predicted == labels).double().shape[-1]).item()",
            "return ((predicted == labels).double().sum(dim=0) / (predicted == labels).double().numel()).item()",
        ],
        "a number may come as a 0-d tensor": [
            "return (predicted == labels).double().mean()",
        ],
    },
    "stopping_epoch": {
        "both start at 0": [
            "waited, best = (0, 0)",
        ],
        "it stops a round later, before it looks at that loss": [
            "if waited == patience: ⏎ break",
        ],
    },
    "normalize": {
        "dividing makes floats of whole numbers": [
            "pixels = images / 255",
        ],
    },
    "nearest_mean": {
        "a number of classes may come as a 0-d tensor": [
            "classes = int(train_y.max() + 1)",
            "classes = train_y.max() + 1",
        ],
    },
    "top_confusions": {
        "the matrix is square": [
            "columns, rows = matrix.shape",
            "pairs = [(i, j, int(matrix[i, j])) for i in range(columns) for j in range(columns) if i != j]",
            "pairs = [(i, j, int(matrix[i, j])) for i in range(rows) for j in range(rows) if i != j]",
        ],
    },
    "best": {
        "the score is the second of two, and the last": [
            "config, _ = max(results, key=lambda result: result[-1])",
        ],
    },
    "log_uniform": {
        "uniform from b to a is uniform from a to b": [
            "b, a = torch.tensor([low, high]).log()",
        ],
    },
    "sample": {
        "the same dict, filled after it was put there": [
            "configs.append(config)",
        ],
        "a 0-d tensor of whole numbers picks from a list, too": [
            "position = torch.randint(len(values), (), generator=generator)",
        ],
    },
    "freeze": {
        "neither step needs the other": [
            "model.requires_grad_(False)",
        ],
        "the order of two kinds does not matter": [
            "if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm1d)):",
        ],
        "the whole model may be put into evaluation mode": [
            "model.eval()",
        ],
        "what train() gives back, and its default, are not asked for": [
            "module.train = lambda mode=True, module=module: model",
            "module.train = lambda mode=False, module=module: module",
        ],
        "other layers may be held in evaluation mode, too": [
            "if module:",
        ],
    },
}
