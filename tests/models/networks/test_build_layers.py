"""Each layer does what it says: masks skip, dilations reach, attentions weigh, dropouts drop while training only."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.models.layers import InputShape
from forecast_cli.models.networks.backend import load_backend
from forecast_cli.models.networks.build import build_network
from forecast_cli.models.notation import parse_network
from forecast_cli.models.shapes import count_parameters
from forecast_cli.types import Window

L, C = 8, 2


def build(line, *, n_channels=C, n_targets=1, horizon=2, **options):
    """Return a network on windows of 8 steps with weights that are all different and not small."""
    sizes = InputShape(n_channels, n_targets)
    model = build_network(parse_network(line), Window(L, horizon), sizes, **{"seed": 1, **options})
    rng = np.random.default_rng(3)
    model.set_weights([w + rng.normal(scale=0.2, size=w.shape).astype(np.float32) for w in model.get_weights()])
    assert model.count_params() == count_parameters(parse_network(line), Window(L, horizon), sizes)
    return model


def draw(n=3, channels=C):
    return np.random.default_rng(1).normal(size=(n, L, channels)).astype(np.float32)


def run(model, history, observed=None, training=False):
    inputs = {"history": history} if observed is None else {"history": history, "observed": observed}
    return np.asarray(model(inputs, training=training))


def find_reach(model):
    """Return the steps that a forecast depends on, by moving each of them."""
    history = draw(1)
    before = run(model, history)
    moved = [history + 5 * (np.arange(L) == step).astype(np.float32)[None, :, None] for step in range(L)]
    return [step for step in range(L) if not np.array_equal(before, run(model, moved[step]))]


# --- Convolutions and pools -------------------------------------------------------------------------------------------


def test_a_causal_dilated_kernel_reaches_back_as_far_as_it_says_and_never_ahead():
    keras, _ = load_backend()
    model = build('Conv1D(3, 3, padding="causal", dilation_rate=2) | Flatten')
    steps = keras.Model(model.inputs, model.get_layer("layer1").output)
    history, moved = draw(1), draw(1)
    moved[0, 2] += 5
    changed = np.abs(run(steps, history) - run(steps, moved)).sum(axis=(0, 2)) > 0
    assert list(np.flatnonzero(changed)) == [2, 4, 6]  # step 2 is read at 2, 2 + 2 and 2 + 4


def test_a_pool_of_means_leaves_out_the_oldest_step_of_an_odd_length():
    assert find_reach(build("AveragePooling1D(3) | Flatten")) == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(("line", "of"), [("GlobalMaxPool1D", np.max), ("GlobalAveragePooling1D", np.mean)])
def test_a_global_pool_is_one_figure_a_channel(line, of):
    model, history = build(line), draw()
    kernel, bias = model.get_layer("head").get_weights()
    np.testing.assert_allclose(run(model, history)[:, :, 0], of(history, axis=1) @ kernel + bias, atol=1e-5)


# --- Dropout in recurrent layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("which", ["dropout", "recurrent_dropout"])
def test_dropout_in_a_recurrent_layer_is_at_work_in_training_only(kind, which):
    dropping, plain, history = build(f"{kind}(6, {which}=0.5)"), build(f"{kind}(6)"), draw()
    plain.set_weights(dropping.get_weights())
    np.testing.assert_allclose(run(dropping, history), run(plain, history), atol=1e-6)
    first, second = run(dropping, history, training=True), run(dropping, history, training=True)
    assert not np.allclose(first, run(plain, history), atol=1e-3)
    assert not np.allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("unroll", [False, True])
def test_recurrent_dropout_drops_the_same_units_at_every_step(unroll):
    """With h' = x + h and only units kept, a unit counts all steps (each doubled) or only its last one."""
    model = build_network(
        parse_network('SimpleRNN(64, activation="linear", recurrent_dropout=0.5) | Dense(64)'),
        Window(3, 1),
        InputShape(1, 1),
        unroll=unroll,
        seed=1,
    )
    cell, dense, head = (model.get_layer(name) for name in ("layer1", "layer2", "head"))
    cell.set_weights([np.ones((1, 64)), np.eye(64), np.zeros(64)])
    states = load_backend().keras.Model(model.inputs, cell.output)
    sums = run(states, np.ones((5, 3, 1), dtype=np.float32), training=True)
    assert set(np.unique(sums)) == {1.0, 7.0}  # 1, or 1 + 2·(1 + 2·1); another mask each step would also give 3
    assert dense is not head


def test_stacked_recurrent_dropouts_draw_apart():
    model = build("GRU(6, recurrent_dropout=0.5) | GRU(6, recurrent_dropout=0.5)")
    assert model.get_layer("layer1").cell.seed != model.get_layer("layer2").cell.seed


# --- Learnt initial states --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('SimpleRNN(4, initial_state="learnt")', ["layer1_state"]),
        ('GRU(4, initial_state="learnt")', ["layer1_state"]),
        ('LSTM(4, initial_state="learnt")', ["layer1_state", "layer1_cell"]),
        ('Bidirectional(GRU(4), LSTM(3, initial_state="learnt"))', ["layer1_backward_state", "layer1_backward_cell"]),
    ],
)
def test_a_learnt_initial_state_is_trained_and_moves_the_forecast(line, names):
    _, tf = load_backend()
    model, history = build(line), draw()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(model({"history": history})))
    variables = [model.get_layer(name).embeddings for name in names]
    assert all(any(variable is each for each in model.trainable_variables) for variable in variables)
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    assert all(np.abs(tf.convert_to_tensor(gradient)).max() > 0 for gradient in gradients)
    before = run(model, history)
    variables[0].assign(variables[0] + 1)
    assert not np.allclose(before, run(model, history), atol=1e-3)


def test_a_learnt_initial_state_begins_as_keras_zeros():
    options = {"sizes": InputShape(C, 1), "window": Window(L, 2), "seed": 1}
    learnt, plain = (
        build_network(parse_network(line), **options) for line in ('LSTM(4, initial_state="learnt")', "LSTM(4)")
    )
    history = draw()
    weights = {layer.name: layer.get_weights() for layer in learnt.layers if layer.weights}
    for name in ("layer1", "head"):
        plain.get_layer(name).set_weights(weights[name])
    np.testing.assert_allclose(run(learnt, history), run(plain, history), atol=1e-6)


# --- Masks ------------------------------------------------------------------------------------------------------------


def hide(history, *steps, channels=slice(None)):
    observed = np.ones_like(history)
    observed[:, list(steps), channels] = 0
    return observed


@pytest.mark.parametrize(
    "line",
    [
        "Masking | SimpleRNN(4)",
        "Masking | LSTM(4) | GRU(3)",
        "Masking | Bidirectional(LSTM(4), GRU(3))",
        "Masking | Dense(3) | GRU(4) | LayerNormalization | Attention(3)",
        'Masking | GRU(4, initial_state="learnt", recurrent_dropout=0.2)',
    ],
)
@pytest.mark.parametrize("unroll", [False, True])
def test_the_value_of_a_step_that_nobody_observed_changes_nothing(line, unroll):
    model, history = build(line, unroll=unroll), draw()
    observed, moved = hide(history, 0, 3, 7), draw()
    moved[:, [0, 3, 7]] += 9
    np.testing.assert_array_equal(run(model, history, observed), run(model, moved, observed))
    everything = np.ones_like(history)
    assert not np.allclose(run(model, history, everything), run(model, moved, everything), atol=1e-3)


def test_a_masked_step_is_as_if_it_were_not_there():
    short = build_network(parse_network("GRU(4)"), Window(L - 2, 2), InputShape(C, 1), seed=1)
    model, history = build("Masking | GRU(4)"), draw()
    short.set_weights(model.get_weights())
    kept = [step for step in range(L) if step not in (2, 5)]
    expected = run(short, history[:, kept])
    np.testing.assert_allclose(run(model, history, hide(history, 2, 5)), expected, atol=1e-6)


def test_a_step_counts_while_any_channel_that_the_layer_reads_was_observed():
    model = build("PerChannel | Masking | GRU(4)", n_channels=3, n_targets=2)
    history, moved = draw(channels=3), draw(channels=3)
    moved[:, 4, 0] += 9
    hidden = hide(history, 4, channels=[0, 2])  # of the first target and the covariate
    same = run(model, history, hidden) == run(model, moved, hidden)
    assert same.all()  # no network sees the first target at that step
    half = hide(history, 4, channels=[0])
    changed = run(model, history, half) != run(model, moved, half)
    assert changed[:, :, 0].all()  # the covariate was observed, so the step counts
    assert not changed[:, :, 1].any()


def test_a_window_of_which_nothing_was_observed_has_a_forecast():
    model, history = build("Masking | Bidirectional(LSTM(4)) | Attention(3)"), draw()
    assert np.isfinite(run(model, history, np.zeros_like(history))).all()


# --- Attention --------------------------------------------------------------------------------------------------------


def test_attention_is_the_formula_of_its_docstring():
    model, x = build("Attention(5)"), draw()
    keys, last, score, head = (
        model.get_layer(name).get_weights() for name in ("layer1_keys", "layer1_last", "layer1_score", "head")
    )
    scores = np.tanh(x @ keys[0] + (x[:, -1:] @ last[0] + last[1])) @ score[0]  # (B, L, 1)
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(run(model, x)[:, :, 0], (weights * x).sum(axis=1) @ head[0] + head[1], atol=1e-5)


def test_attention_does_not_ask_in_which_order_the_steps_before_the_last_came():
    model, x = build("Attention(5)"), draw()
    order = [3, 0, 5, 1, 6, 2, 4, 7]
    np.testing.assert_allclose(run(model, x), run(model, x[:, order]), atol=1e-6)
    assert not np.allclose(run(model, x), run(model, x[:, ::-1]), atol=1e-3)


def test_multi_head_attention_equals_keras():
    keras, _ = load_backend()
    model, x = build("MultiHeadAttention(2, 3) | Flatten"), draw()
    theirs = keras.layers.MultiHeadAttention(2, 3)
    theirs(x, x)
    own = {part: model.get_layer(f"layer1_{part}").get_weights() for part in ("query", "key", "value", "output")}
    inner = [(own[part][0].reshape(C, 2, 3), own[part][1].reshape(2, 3)) for part in ("query", "key", "value")]
    theirs.set_weights(
        [*(each for pair in inner for each in pair), own["output"][0].reshape(2, 3, C), own["output"][1]]
    )
    head = model.get_layer("head").get_weights()
    expected = np.asarray(theirs(x, x)).reshape(3, -1) @ head[0] + head[1]
    np.testing.assert_allclose(run(model, x)[:, :, 0], expected, atol=1e-5)


def test_the_dropout_of_multi_head_attention_is_at_work_in_training_only():
    model, x = build("MultiHeadAttention(2, 3, dropout=0.5) | Flatten"), draw()
    np.testing.assert_array_equal(run(model, x), run(model, x))
    assert not np.allclose(run(model, x), run(model, x, training=True), atol=1e-3)


# --- The unrolled and the portable form -------------------------------------------------------------------------------

EVERY_RECURRENT_LAYER = (
    'SimpleRNN(3, activation="relu", initial_state="learnt") | LSTM(3, activation="swish", initial_state="learnt")'
    ' | Bidirectional(GRU(3, activation="relu", reset_after=False, recurrent_dropout=0.3), LSTM(2, dropout=0.2))'
    ' | GRU(3, recurrent_activation="tanh", initial_state="learnt")'
)


@pytest.mark.parametrize("line", [EVERY_RECURRENT_LAYER, f"Masking | {EVERY_RECURRENT_LAYER}"])
def test_unrolled_and_portable_forms_have_the_same_weights_and_outputs(line):
    forms = [build(line), build(line, unroll=True), build(line, portable=True)]
    history, observed = draw(), None
    if "Masking" in line:
        observed = hide(history, 1, 7)
    for form in forms[1:]:
        assert [w.shape for w in form.get_weights()] == [w.shape for w in forms[0].get_weights()]
        form.set_weights(forms[0].get_weights())
        np.testing.assert_allclose(run(form, history, observed), run(forms[0], history, observed), atol=1e-5)
