// A network of two inputs, one layer of tanh units and one output, trained in the browser.
// Its weights are { W: [[w1, w2], …], b: […], v: […], c }: the logit is c + Σ v · tanh(W x + b).

export function logit({ W, b, v, c }, [x1, x2]) {
  return W.reduce((sum, [w1, w2], i) => sum + v[i] * Math.tanh(w1 * x1 + w2 * x2 + b[i]), c);
}

// Mean binary cross-entropy and its gradient, which has the shape of the weights.
export function gradient(weights, X, y) {
  const { W, b, v, c } = weights;
  const g = { W: W.map(() => [0, 0]), b: b.map(() => 0), v: v.map(() => 0), c: 0 };
  let loss = 0;
  X.forEach(([x1, x2], n) => {
    const a = W.map(([w1, w2], i) => Math.tanh(w1 * x1 + w2 * x2 + b[i]));
    const z = a.reduce((sum, each, i) => sum + v[i] * each, c);
    loss += Math.max(z, 0) - z * y[n] + Math.log1p(Math.exp(-Math.abs(z)));
    const blame = (1 / (1 + Math.exp(-z)) - y[n]) / X.length;
    g.c += blame;
    a.forEach((each, i) => {
      const inner = blame * v[i] * (1 - each * each);
      g.v[i] += blame * each;
      g.b[i] += inner;
      g.W[i][0] += inner * x1;
      g.W[i][1] += inner * x2;
    });
  });
  return { loss: loss / X.length, g };
}

// The weights with unit `silent` taken out, as if it gave 0 from now on.
export function silenced(weights, silent) {
  return { ...weights, v: weights.v.map((each, i) => (i === silent ? 0 : each)) };
}

// Gradient descent on all samples: the weights and the loss before each round of `stride` steps, and
// after the last. silent: a unit that stays silent, or -1.
export function train(start, X, y, lr, rounds, stride, silent = -1) {
  let weights = silenced(start, silent);
  const record = [];
  for (let step = 0; ; step++) {
    const { loss, g } = gradient(weights, X, y);
    if (step % stride === 0) record.push({ weights, loss });
    if (step === rounds * stride) return record;
    const down = (value, slope) => value - lr * slope;
    const next = {
      W: weights.W.map((row, i) => row.map((w, j) => down(w, g.W[i][j]))),
      b: weights.b.map((each, i) => down(each, g.b[i])),
      v: weights.v.map((each, i) => down(each, g.v[i])),
      c: down(weights.c, g.c),
    };
    weights = silenced(next, silent);
  }
}
