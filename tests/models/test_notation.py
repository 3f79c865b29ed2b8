"""The layer notation: what it reads, what it writes, and what it says about a wrong line."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecast_cli.errors import UsageError
from forecast_cli.models.forms import FORMS, format_layer
from forecast_cli.models.layers import (
    GRU,
    LSTM,
    Activation,
    Attention,
    AveragePooling1D,
    Bidirectional,
    Conv1D,
    Cycle,
    Dense,
    Dropout,
    Flatten,
    Future,
    GlobalAveragePooling1D,
    GlobalMaxPool1D,
    LayerNormalization,
    Masking,
    MaxPool1D,
    MultiHeadAttention,
    Network,
    Observed,
    PerChannel,
    RevIN,
    SeriesEmbedding,
    SimpleRNN,
    StaticEmbedding,
    SubtractLast,
)
from forecast_cli.models.line import MAX_CHARACTERS, MAX_LAYERS
from forecast_cli.models.notation import drop_head, find_narrow_end, format_network, list_notes, parse_network
from forecast_cli.models.sequences import find_misfit

HYBRID = (
    'Conv1D(32, 10, activation="swish") | MaxPool1D(2) | Bidirectional(LSTM(24), GRU(16))'
    ' | Bidirectional(LSTM(24), GRU(24)) | Flatten | Dense(256, "swish")'
)
TOKENS = """tf.keras.layers. ( ) , | = - + . ' " units= return_sequences= activation= padding= initial_state= "learnt"
    dropout= input_shape= name= 1 16 0.5 1e999 9**9**9 True None not if else # _"""
WORDS = st.sampled_from([*FORMS, *TOKENS.split()])


def read_only_layer(line: str) -> object:
    """Return the first layer of a line that ends with Flatten."""
    return parse_network(f"{line} | Flatten").layers[0]


def read_or_refuse(text: str) -> Network | UsageError:
    try:
        return parse_network(text)
    except UsageError as error:
        return error


# --- What it reads ----------------------------------------------------------------------------------------------------


def test_a_line_becomes_framings_and_layers() -> None:
    line = "PerChannel | SubtractLast | " + HYBRID
    assert parse_network(line) == Network(
        (PerChannel(), SubtractLast()),
        (
            Conv1D(32, 10, activation="swish"),
            MaxPool1D(2),
            Bidirectional(LSTM(24), GRU(16)),
            Bidirectional(LSTM(24), GRU(24)),
            Flatten(),
            Dense(256, "swish"),
        ),
    )


@pytest.mark.parametrize(
    ("written", "layer"),
    [
        ("Conv1D(32, 5)", Conv1D(32, 5)),
        ("Conv1D(filters=32, kernel_size=5)", Conv1D(32, 5)),
        ('Conv1D(32, 5, 1, "valid", "channels_last", 2, 1, "relu", True)', Conv1D(32, 5, 1, "valid", 2, "relu")),
        ("Conv1D(32, 5, activation=None)", Conv1D(32, 5)),
        ('Conv1D(32, 5, activation="silu")', Conv1D(32, 5, activation="swish")),
        ("MaxPool1D", MaxPool1D(2)),
        ("MaxPool1D(3, 3, 'valid')", MaxPool1D(3)),
        ("MaxPooling1D(pool_size=4, strides=None)", MaxPool1D(4)),
        ("layers.GRU(8, reset_after=False)", GRU(8, reset_after=False)),
        ("keras.layers.LSTM(8, 'tanh', 'sigmoid', True)", LSTM(8)),
        ("tf.keras.layers.Bidirectional(layers.LSTM(8))", Bidirectional(LSTM(8))),
        ("Bidirectional(LSTM(24), GRU(16))", Bidirectional(LSTM(24), GRU(16))),
        (
            "Bidirectional(LSTM(24, return_sequences=True), merge_mode='concat',"
            "\n    backward_layer=GRU(16, return_sequences=True, go_backwards=True))",
            Bidirectional(LSTM(24), GRU(16)),
        ),
        ('Conv1D(8, 3, padding="causal", dilation_rate=4)', Conv1D(8, 3, padding="causal", dilation_rate=4)),
        ("layers.AveragePooling1D(3)", AveragePooling1D(3)),
        ("AvgPool1D(pool_size=3, strides=3)", AveragePooling1D(3)),
        ('SimpleRNN(8, "relu", True)', SimpleRNN(8, "relu")),
        ("LSTM(8, recurrent_dropout=0.25, dropout=0)", LSTM(8, recurrent_dropout=0.25)),
        ("LSTM(8, unit_forget_bias=True, initial_state='learnt')", LSTM(8, initial_state="learnt")),
        ('GRU(8, activation="relu", recurrent_activation="tanh")', GRU(8, "relu", "tanh")),
        ("LSTM(8, input_shape=(None, 14))", LSTM(8)),
        ("GRU(8, input_shape=(240, 14), name='memory', return_sequences=True)", GRU(8)),
        ("MultiHeadAttention(2, 8)", MultiHeadAttention(2, 8)),
        ("MultiHeadAttention(num_heads=2, key_dim=8, dropout=0.1)", MultiHeadAttention(2, 8, 0.1)),
        ("LayerNormalization", LayerNormalization()),
        ("layers.LayerNormalization(axis=-1, epsilon=1e-6)", LayerNormalization(1e-6)),
        ("Dropout(0)", Dropout(0.0)),
        ("Dropout(rate=.25)", Dropout(0.25)),
    ],
)
def test_a_layer_is_read_as_keras_users_write_it(written: str, layer: object) -> None:
    assert read_only_layer(written) == layer


@pytest.mark.parametrize(
    ("written", "layer"),
    [
        ("GlobalMaxPooling1D()", GlobalMaxPool1D()),
        ("layers.GlobalMaxPool1D", GlobalMaxPool1D()),
        ("GlobalAvgPool1D()", GlobalAveragePooling1D()),
        ("GlobalAveragePooling1D(keepdims=False)", GlobalAveragePooling1D()),
        ("Attention(units=8)", Attention(8)),
    ],
)
def test_layers_that_leave_a_row_are_read_too(written: str, layer: object) -> None:
    assert parse_network(written).layers == (layer,)


def test_every_framing_is_read() -> None:
    line = "PerChannel | RevIN | Cycle(168) | Observed | Future(32) | SeriesEmbedding(4) | StaticEmbedding(2) | LSTM(8)"
    expected = (PerChannel(), RevIN(), Cycle(168), Observed(), Future(32), SeriesEmbedding(4), StaticEmbedding(2))
    assert parse_network(line) == Network(expected, (LSTM(8),))


def test_a_network_names_its_inputs_in_one_order() -> None:
    assert parse_network("LSTM(8)").inputs == ("history",)
    assert parse_network("Masking | LSTM(8)").inputs == ("history", "observed")
    line = "StaticEmbedding(2) | SeriesEmbedding(4) | Cycle(24) | Future(8) | Observed | LSTM(8)"
    assert parse_network(line).inputs == ("history", "observed", "future", "series", "statics", "phase")


def test_a_mask_stands_first_or_behind_what_keeps_the_steps() -> None:
    masked = parse_network("Masking | Dropout(0.1) | LSTM(8) | LayerNormalization | Masking | GRU(8)").layers
    assert masked.count(Masking()) == 2


NOTEBOOKS = [
    "layers.LSTM(16, return_sequences=True),\n    layers.GRU(32),\n    layers.Dense(8, activation='relu'),\n",
    "LSTM(16), GRU(32), Dense(8, 'relu')",
    "model.add(layers.LSTM(16, return_sequences=True, input_shape=(None, 14)))\nmodel.add(layers.GRU(32))\n"
    "model.add(layers.Dense(8, 'relu'))",
    "inputs = keras.Input(shape=(240, 14))\nx = layers.LSTM(16, return_sequences=True)(inputs)\n"
    "x = layers.GRU(32)(x)\noutputs = layers.Dense(8, 'relu')(x)\nmodel = keras.Model(inputs, outputs)",
    "model = keras.Sequential([\n  keras.Input((20, 6)),\n  LSTM(16),\n  GRU(32,\n      dropout=0.0),\n"
    "  Dense(8, 'relu'),\n])",
    "model = Sequential()\nmodel.add(LSTM(16))\r\nmodel.add(GRU(32))\r\n\r\nmodel.add(Dense(8, 'relu'))\r\n",
]


@pytest.mark.parametrize("pasted", NOTEBOOKS)
def test_lines_pasted_from_a_notebook_are_read(pasted: str) -> None:
    assert parse_network(pasted).layers == (LSTM(16), GRU(32), Dense(8, "relu"))


def test_an_error_in_a_pasted_notebook_still_points_at_its_place() -> None:
    with pytest.raises(UsageError) as caught:
        parse_network("x = layers.LSTM(16)(inputs)\nx = layers.Gru(32)(x)")
    _, shown, carets = caught.value.message.split("\n")
    assert shown[carets.index("^") : len(carets)] == "layers.Gru"


def test_flatten_and_framings_may_be_written_with_empty_parentheses() -> None:
    assert parse_network("PerChannel() | Flatten()") == parse_network("PerChannel | Flatten")


def test_return_sequences_is_accepted_where_it_says_what_follows_anyway() -> None:
    stack = "LSTM(16, return_sequences=True) | Dropout(0.1) | GRU(32, return_sequences=False) | Dense(8)"
    assert parse_network(stack).layers[0] == LSTM(16)


# --- What it writes ---------------------------------------------------------------------------------------------------

counts = st.integers(1, 65_536)
activations = st.sampled_from(get_args(Activation))
rates = st.floats(0, 1, exclude_max=True)
starts = st.sampled_from(["zeros", "learnt"])
directions = (
    st.builds(SimpleRNN, counts, activations, rates, rates, starts)
    | st.builds(LSTM, counts, activations, activations, rates, rates, starts)
    | st.builds(GRU, counts, activations, activations, rates, rates, st.booleans(), starts)
)
paddings = st.sampled_from(["same", "valid", "causal"])
convolutions = st.builds(Conv1D, counts, counts, counts, paddings, st.just(1), activations)
dilated = st.builds(Conv1D, counts, counts, dilation_rate=counts)
pairs = st.builds(Bidirectional, directions, st.none() | directions)
pools = st.builds(MaxPool1D, counts) | st.builds(AveragePooling1D, counts)
mixtures = st.builds(MultiHeadAttention, counts, counts, rates)
rows = (
    st.builds(Dense, counts, activations)
    | st.builds(Dropout, rates)
    | st.builds(LayerNormalization, st.floats(1e-12, 1))
)
along_time = convolutions | dilated | pools | directions | pairs | mixtures | st.just(Masking()) | rows
leaving_a_row = st.sampled_from([Flatten(), GlobalMaxPool1D(), GlobalAveragePooling1D()]) | st.builds(Attention, counts)
framings = st.tuples(
    st.sampled_from([(), (PerChannel(),)]),
    st.sampled_from([(), (SubtractLast(),), (RevIN(),)]),
    st.just(()) | st.builds(Cycle, counts).map(lambda each: (each,)),
    st.sampled_from([(), (Observed(),)]),
    st.just(()) | st.builds(Future, counts).map(lambda each: (each,)),
    st.just(()) | st.builds(SeriesEmbedding, counts).map(lambda each: (each,)),
    st.just(()) | st.builds(StaticEmbedding, counts).map(lambda each: (each,)),
).flatmap(lambda some: st.permutations(sum(some, ())).map(tuple))
networks = st.builds(
    lambda ahead, first, middle, last: Network(ahead, (*first, middle, *last)),
    framings,
    st.lists(along_time, max_size=6),
    leaving_a_row,
    st.lists(rows | st.just(Flatten()), max_size=4),
).filter(lambda network: find_misfit(network) is None and len(format_network(network)) <= MAX_CHARACTERS)


@given(networks)
def test_a_formatted_network_parses_back_to_itself(network: Network) -> None:
    assert parse_network(format_network(network)) == network


def test_the_canonical_line_is_the_one_people_write() -> None:
    assert format_network(parse_network(HYBRID)) == HYBRID
    assert format_layer(Conv1D(64, 48, strides=24)) == "Conv1D(64, 48, strides=24)"
    assert format_layer(GRU(8, reset_after=False)) == "GRU(8, reset_after=False)"
    assert format_layer(MaxPool1D(2)) == "MaxPool1D(2)"
    assert format_layer(Flatten()) == "Flatten"
    assert format_layer(LayerNormalization()) == "LayerNormalization"
    assert format_layer(GRU(64, "relu", dropout=0.1)) == 'GRU(64, activation="relu", dropout=0.1)'
    assert format_layer(LSTM(8, initial_state="learnt")) == 'LSTM(8, initial_state="learnt")'


# --- The head ---------------------------------------------------------------------------------------------------------


def test_a_last_dense_as_wide_as_the_head_is_the_head() -> None:
    assert drop_head(parse_network("LSTM(16) | Dense(96)"), 96) == parse_network("LSTM(16)")


@pytest.mark.parametrize("line", ["LSTM(16) | Dense(95)", 'LSTM(16) | Dense(96, "relu")', "Dense(96) | LSTM(96)"])
def test_any_other_last_layer_stays(line: str) -> None:
    assert drop_head(parse_network(line), 96) == parse_network(line)


def test_a_dense_along_time_is_not_taken_for_the_head() -> None:
    along = Network((), (Conv1D(8, 3), Dense(96)))
    assert drop_head(along, 96) == along


def test_keras_users_hear_once_that_convolutions_are_padded() -> None:
    assert len(list_notes("Conv1D(8, 3) | Conv1D(8, 3) | Flatten")) == 1
    assert list_notes('Conv1D(8, 3, padding="valid") | Conv1D(8, 3, 1, "same") | Flatten') == ()
    assert list_notes("LSTM(8)") == ()


# --- What it says about a wrong line ----------------------------------------------------------------------------------

WRONG = [
    # line, what the message says, the text above the carets, a part of the hint
    ("", "a layer is missing", "", "Known: PerChannel"),
    ("LSTM(8) | | GRU(8)", "a layer is missing", " ", "LSTM(16) | Dense(8)"),
    ("LSTM(8) | [GRU(8)]", "'[' has no place", "[", "plain quotes"),
    ("Dense(2*8)", "'*' has no place", "*", "arithmetic"),
    ("LSTM(8) # the encoder", "'#' has no place", "#", "no comments"),
    ("Dense(8, “relu”) | Flatten", "'“' has no place", "“", "plain quotes"),
    ("LSTM(8", "never closed", "(", "Known"),
    ("LSTM(8))", "one parenthesis too many", ")", "Known"),
    ("LSTM(((((8)))))", "one parenthesis too many", "(", "Known"),
    ("LSTM(8) GRU(8)", "cannot be read (invalid syntax", "G", "with | between them"),
    ("Dense(1or 2)", "cannot be read (invalid decimal literal", "1", "Known"),
    ("(LSTM(8), GRU(8))", "this is not a layer", "(LSTM(8), GRU(8))", "with | between them"),
    ("LSTM(8)() | GRU(8)", "this is not a layer", "LSTM(8)", "Known"),
    ("Lstm(8)", "no layer is called Lstm", "Lstm", "Did you mean LSTM?"),
    ("MaxPool(2) | LSTM(8)", "no layer is called MaxPool", "MaxPool", "Did you mean MaxPool1D?"),
    ("torch.nn.LSTM(8)", "no layer is called torch.nn.LSTM", "torch.nn.LSTM", "Did you mean LSTM?"),
    ("Wavelet(8)", "no layer is called Wavelet", "Wavelet", "Known"),
    ("LSTM(unit=8)", "LSTM has no argument unit", "unit=8", "Did you mean units?"),
    ("PerChannel(x=8) | LSTM(8)", "PerChannel has no argument x", "x=8", "Known: none."),
    ("Dropout(0.5, 7) | LSTM(8)", "one argument too many for Dropout", "7", "Dropout takes rate."),
    ("LSTM(8, units=9)", "LSTM gets units twice", "units=9", "once"),
    ("LSTM(units=8, units=9)", "LSTM gets units twice", "units=9", "once"),
    ("Conv1D(8) | Flatten", "Conv1D needs kernel_size", "Conv1D(8)", "Conv1D takes filters, kernel_size"),
    ("Conv1D | Flatten", "Conv1D needs filters and kernel_size", "Conv1D", "Conv1D takes"),
    ("LSTM(units)", "not a plain value", "units", "numbers"),
    ("LSTM(--4)", "not a plain value", "--4", "numbers"),
    ("LSTM(0)", "units cannot be this", "0", "a whole number from 1 to 65,536"),
    ("LSTM(-3)", "units cannot be this", "-3", "a whole number"),
    ("LSTM(65537)", "units cannot be this", "65537", "65,536"),
    ("LSTM(8.0)", "units cannot be this", "8.0", "a whole number"),
    ("LSTM(True)", "units cannot be this", "True", "a whole number"),
    ("LSTM(GRU(8))", "units cannot be this", "GRU(8)", "a whole number"),
    ("LSTM(8) | Dropout(1)", "rate cannot be this", "1", "from 0 to below 1"),
    ("LSTM(8) | Dropout(1e999)", "rate cannot be this", "1e999", "from 0 to below 1"),
    ("LSTM(8) | Dropout(False)", "rate cannot be this", "False", "from 0 to below 1"),
    ('LSTM(8) | Dense(8, "rlu")', "activation cannot be this", '"rlu"', 'Did you mean relu? activation is "linear" or'),
    ('LSTM(8, "rleu")', "activation cannot be this", '"rleu"', "Did you mean relu?"),
    ("GRU(8, dropout=1)", "dropout cannot be this", "1", "from 0 to below 1"),
    ("GRU(8, recurent_dropout=0.1)", "GRU has no argument", "recurent_dropout=0.1", "Did you mean recurrent_dropout?"),
    ("LSTM(8, reset_after=False)", "LSTM has no argument reset_after", "reset_after=False", "Known: units"),
    ("SimpleRNN(8, recurrent_activation='tanh')", "no argument", "recurrent_activation='tanh'", "Known: units"),
    ('LSTM(8, initial_state="learned")', "initial_state cannot be this", '"learned"', "Did you mean learnt?"),
    ("LSTM(8, input_shape=(None, x))", "not a plain value", "x", "numbers"),
    ("LSTM(8, input_shape=14)", "input_shape cannot be this", "14", "in parentheses"),
    ("LSTM(8, name=7)", "name cannot be this", "7", "in quotes"),
    ("Embedding(10000, 16) | LSTM(8)", "classification is not there yet", "Embedding", "Known"),
    ("Attention | LSTM(8)", "Attention needs units", "Attention", "Attention takes units"),
    ("LSTM(8) | Attention(8) | LSTM(8)", "Attention(8) before it leaves a single row", "LSTM(8)", "along time"),
    ("Conv1D(8, 3) | GlobalMaxPool1D | GRU(8)", "GlobalMaxPool1D before it leaves", "GRU(8)", "along time"),
    ("MultiHeadAttention(2, 8)", "leaves a sequence", "MultiHeadAttention(2, 8)", "Flatten"),
    ("MultiHeadAttention(2, 8, value_dim=4) | LSTM(8)", "value_dim cannot be this", "4", "value_dim is None"),
    ("LayerNormalization(epsilon=0) | LSTM(8)", "epsilon cannot be this", "0", "above 0"),
    ("LayerNormalization(axis=1) | LSTM(8)", "axis cannot be this", "1", "axis is -1"),
    ("Masking(0.0) | LSTM(8)", "one argument too many for Masking", "0.0", "no arguments"),
    ("Masking | Conv1D(8, 3) | LSTM(8)", "heeded by recurrent layers", "Masking", "along time"),
    ("Conv1D(8, 3) | Masking | LSTM(8)", "Conv1D(8, 3) before it makes others", "Masking", "along time"),
    ("Masking | Flatten", "none reads its steps", "Masking", "along time"),
    ("Cycle | LSTM(8)", "Cycle needs period", "Cycle", "Cycle takes period"),
    ("Cycle(24) | Cycle(168) | LSTM(8)", "Cycle stands here twice", "Cycle(168)", "once"),
    ("RevIN | SubtractLast | LSTM(8)", "both set the window's level", "SubtractLast", "one of them"),
    ("LSTM(8) | Future(8)", "Future(8) stands ahead of all layers", "Future(8)", "to the front"),
    ("AvgPool1D(2, strides=1) | LSTM(8)", "strides is the pool_size", "AvgPool1D(2, strides=1)", "Leave strides out"),
    ("LSTM(8, use_bias=False)", "use_bias cannot be this", "False", "use_bias is True"),
    ("LSTM(8, return_sequences=0)", "return_sequences cannot be this", "0", "True or False"),
    ('Conv1D(8, 3, padding="full") | Flatten', "padding cannot be this", '"full"', '"same" or "valid" or "causal"'),
    ('MaxPool1D(2, padding="same") | LSTM(8)', "padding cannot be this", '"same"', '"valid"'),
    ("Bidirectional(Dense(8))", "layer cannot be this", "Dense(8)", "SimpleRNN(...), LSTM(...) or GRU(...)"),
    ("Bidirectional(Bidirectional(GRU(8)))", "layer cannot be this", "Bidirectional(GRU(8))", "LSTM(...)"),
    ("Conv1D(8, 3, 2, dilation_rate=2) | LSTM(8)", "both be above 1", "Conv1D(8, 3, 2, dilation_rate=2)", "Leave one"),
    ("MaxPool1D(2, strides=1) | LSTM(8)", "strides is the pool_size", "MaxPool1D(2, strides=1)", "Leave strides out"),
    ("LSTM(8, go_backwards=True)", "belongs to the backward_layer", "LSTM(8, go_backwards=True)", "Leave"),
    ("LSTM(8) | SubtractLast", "SubtractLast stands ahead of all layers", "SubtractLast", "to the front"),
    ("PerChannel | PerChannel | LSTM(8)", "PerChannel stands here twice", "PerChannel", "once"),
    ("LSTM(8, return_sequences=True)", "reads the last state only", "return_sequences=True", "it follows"),
    ("GRU(8, return_sequences=False) | LSTM(8)", "reads the sequence", "return_sequences=False", "it follows"),
    ("LSTM(8) | Flatten | GRU(8)", "GRU(8) reads a sequence, and Flatten", "GRU(8)", "Layers along time come first"),
    ("LSTM(8) | Dense(8) | MaxPool1D(2)", "MaxPool1D(2) reads a sequence", "MaxPool1D(2)", "along time"),
    ("Conv1D(8, 3)", "the head reads a single row, and Conv1D(8, 3) leaves a sequence", "Conv1D(8, 3)", "Flatten"),
]


@pytest.mark.parametrize(("line", "says", "pointed", "hint"), WRONG, ids=[wrong[0] or "empty" for wrong in WRONG])
def test_a_wrong_line_is_told_what_where_and_what_is_allowed(line: str, says: str, pointed: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_network(line)
    what, shown, carets = caught.value.message.split("\n")
    assert says in what
    assert shown[carets.find("^") :].startswith(pointed)
    assert carets.count("^") == max(1, len(pointed))
    assert hint in caught.value.hint


def test_the_second_of_two_equal_framings_is_the_one_pointed_at() -> None:
    with pytest.raises(UsageError) as caught:
        parse_network("PerChannel | PerChannel | LSTM(8)")
    assert caught.value.message.endswith("\n    " + " " * len("PerChannel | ") + "^" * len("PerChannel"))


def test_a_long_line_is_shown_around_the_wrong_place() -> None:
    with pytest.raises(UsageError) as caught:
        parse_network("LSTM(8) | " * 30 + "Gru(8)" + " | LSTM(8)" * 30)
    _, shown, carets = caught.value.message.split("\n")
    assert len(shown) < 120
    assert shown[carets.index("^") : len(carets)] == "Gru"


def test_the_longest_line_is_read_and_one_character_more_is_not() -> None:
    line = "LSTM(8)".ljust(MAX_CHARACTERS)
    assert parse_network(line).layers == (LSTM(8),)
    with pytest.raises(UsageError, match="2,001 characters"):
        parse_network(line + " ")


def test_as_many_layers_as_allowed_are_read_and_one_more_is_not() -> None:
    assert len(parse_network(" | ".join(["LSTM(8)"] * MAX_LAYERS)).layers) == MAX_LAYERS
    with pytest.raises(UsageError, match="more than 64 framings and layers"):
        parse_network(" | ".join(["LSTM(8)"] * (MAX_LAYERS + 1)))


def test_one_layer_may_not_fill_the_whole_line() -> None:
    with pytest.raises(UsageError, match="more than 400 characters"):
        parse_network(f"LSTM({'1' * 400})")


# --- Anything at all --------------------------------------------------------------------------------------------------


@settings(deadline=2_000, max_examples=400)
@given(st.text(max_size=300) | st.lists(WORDS, max_size=60).map("".join) | st.lists(WORDS, max_size=60).map(" ".join))
@example("(" * 2_000)
@example("LSTM(" * 400)
@example("LSTM(" + "-" * 390 + "1)")
@example("not " * 99 + "1")
@example("a" + ".a" * 199)
@example("a" + "()" * 199)
@example("1" + "+1" * 199)
@example("9**9**9")
@example("Dense(9_999_999_999_999_999_999)")
@example("1 if 1 else " * 30 + "1")
@example("|" * 2_000)
@example("LSTM(1)|" * 249)
@example("LSTM(8)\x00")
@example("LSTM(8)\ud800")
@example("Ｌ")
def test_any_text_ends_in_a_network_or_in_a_usage_error_that_points(text: str) -> None:
    ending = read_or_refuse(text)
    if isinstance(ending, UsageError):
        assert ending.hint
        assert "^" in ending.message
    else:
        assert parse_network(format_network(ending)) == ending


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("LSTM(8) | Dense(1)", "the head makes 24 values of its 1 number"),
        ('LSTM(8) | Dense(1, "relu")', ""),
        ("LSTM(8) | Dense(32)", ""),
        ("LSTM(8)", ""),
    ],
)
def test_a_last_layer_narrower_than_the_forecast_is_remarked_on(line: str, words: str) -> None:
    remark = find_narrow_end(parse_network(line), 24)
    assert words in remark
    assert bool(words) == bool(remark)
