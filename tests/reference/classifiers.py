#!/usr/bin/env python3
"""Tiny classifiers of every family that undertone takes as a sentiment model, with the logits that transformers gives.

    python -I tests/reference/classifiers.py tests/fixtures/classifiers

(packages: requirements.txt). Each folder has the layout of a model hub: config.json, model.safetensors and a tokenizer, which
for bert-cased and roberta-bpe is a vocabulary; weights are random. expected.json has texts, each in the pieces that the model
can read, with token ids and logits.
"""

import json
import pathlib
import shutil
import sys

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertTokenizer,
    DebertaConfig,
    DebertaForSequenceClassification,
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaTokenizer,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

WORDS = "the cases are many and nobody helps . thank you all a kind word for once ! who asked ?".split()
TEXTS = [
    "The cases are many.",
    "Thank you all!",
    "Who asked? Nobody helps and nobody helps and nobody helps.",
    # Longer than any of them can read, and the last piece shorter than the others.
    "The cases are many and nobody helps. Thank you all! " * 4 + "Who asked?",
]
THREE = {0: "negative", 1: "neutral", 2: "positive"}
STARS = {0: "1 star", 1: "2 stars", 2: "3 stars", 3: "4 stars", 4: "5 stars"}


def tokenizer(start, end, pad, unknown):
    special = [pad, start, end, unknown]
    # RoBERTa's padding has the id 1.
    if pad == "<pad>":
        special = [start, pad, end, unknown]
    vocabulary = {word: place for place, word in enumerate(special + sorted(set(WORDS)))}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token=unknown))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        special_tokens=[(start, vocabulary[start]), (end, vocabulary[end])],
    )
    return made, len(vocabulary)


BERT = ("[CLS]", "[SEP]", "[PAD]", "[UNK]")
ROBERTA = ("<s>", "</s>", "<pad>", "<unk>")
SMALL = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16)
DEBERTA = dict(
    relative_attention=True,
    max_relative_positions=-1,
    pos_att_type=["c2p", "p2c"],
    position_biased_input=False,
    type_vocab_size=0,
    pooler_hidden_size=8,
    max_position_embeddings=32,
)
# As published models have it; rust-bert computes with 1e-12.
EPSILON = dict(layer_norm_eps=1e-5)
FAMILIES = {
    "bert": (BERT, THREE, BertForSequenceClassification, lambda **k: BertConfig(**SMALL, max_position_embeddings=16, **k)),
    "distilbert": (
        BERT,
        {0: "NEGATIVE", 1: "POSITIVE"},
        DistilBertForSequenceClassification,
        lambda **k: DistilBertConfig(dim=8, n_layers=2, n_heads=2, hidden_dim=16, max_position_embeddings=32, **k),
    ),
    "roberta": (ROBERTA, THREE, RobertaForSequenceClassification, lambda **k: RobertaConfig(**SMALL, **EPSILON, max_position_embeddings=34, **k)),
    "xlm-roberta": (
        ROBERTA,
        STARS,
        XLMRobertaForSequenceClassification,
        lambda **k: XLMRobertaConfig(**SMALL, **EPSILON, max_position_embeddings=34, type_vocab_size=1, **k),
    ),
    "deberta": (BERT, THREE, DebertaForSequenceClassification, lambda **k: DebertaConfig(**SMALL, **DEBERTA, **k)),
    "deberta-v2": (
        BERT,
        THREE,
        DebertaV2ForSequenceClassification,
        lambda **k: DebertaV2Config(
            **SMALL, **DEBERTA, position_buckets=8, norm_rel_ebd="layer_norm", share_att_key=True, **k
        ),
    ),
    "bert-cased": (BERT, THREE, BertForSequenceClassification, lambda **k: BertConfig(**SMALL, max_position_embeddings=16, **k)),
    "roberta-bpe": (
        ROBERTA,
        THREE,
        RobertaForSequenceClassification,
        lambda **k: RobertaConfig(**SMALL, **EPSILON, max_position_embeddings=34, **k),
    ),
    # What the other two leave out: a convolution, projections of their own for steps, steps that share no rows, and tables
    # of positions and segments.
    "deberta-v2-large": (
        BERT,
        THREE,
        DebertaV2ForSequenceClassification,
        lambda **k: DebertaV2Config(
            **SMALL,
            **DEBERTA | dict(max_relative_positions=4, position_biased_input=True, type_vocab_size=2),
            conv_kernel_size=3,
            conv_act="gelu",
            embedding_size=6,
            layer_norm_eps=1e-3,
            **k,
        ),
    ),
}


def of_vocabulary(name, folder):
    """Writes a vocabulary and gives the tokenizer that transformers makes of it."""
    if name == "bert-cased":
        words = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"] + sorted(set(WORDS)) + ["Th", "##ank", "##e", "T"]
        (folder / "vocab.txt").write_text("\n".join(words) + "\n")
        (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}\n')
        return BertTokenizer(folder / "vocab.txt", do_lower_case=False), len(words)
    # A space before a word is written \u0120.
    letters = sorted(set("".join(TEXTS).replace(" ", "\u0120")))
    merges = ["h e", "\u0120 a", "\u0120a n", "\u0120an d", "T he", "\u0120 n", "o b", "ob o"]
    pieces = letters + [merge.replace(" ", "") for merge in merges]
    vocabulary = {piece: place for place, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>"] + pieces)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    return RobertaTokenizer(folder / "vocab.json", folder / "merges.txt"), len(vocabulary)


def main():
    out = pathlib.Path(sys.argv[1])
    expected = {}
    for seed, (name, (special, labels, kind, configure)) in enumerate(FAMILIES.items()):
        torch.manual_seed(seed)
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        start, end, pad, unknown = special
        if name in ("bert-cased", "roberta-bpe"):
            made, size = of_vocabulary(name, folder)
            number, own = made.convert_tokens_to_ids, lambda text: made.encode(text, add_special_tokens=False)
        else:
            made, size = tokenizer(*special)
            made.save(str(folder / "tokenizer.json"), pretty=False)
            number, own = made.token_to_id, lambda text: made.encode(text, add_special_tokens=False).ids
        config = configure(
            vocab_size=size,
            id2label=labels,
            label2id={label: place for place, label in labels.items()},
            pad_token_id=number(pad),
        )
        model = kind(config).eval()
        # Initial weights are so small that every text would get the same.
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn_like(parameter) * 0.5)
            if name in ("roberta", "xlm-roberta", "roberta-bpe"):
                # As small as in published models, where the epsilon tells most.
                for parameter in list(model.roberta.embeddings.parameters())[:3]:
                    parameter.mul_(0.2)
        model.save_pretrained(folder)
        limit = 16 if name.startswith("bert") else 32
        cases = []
        for text in TEXTS:
            ids = own(text)
            pieces = []
            for begin in range(0, len(ids), limit - 2):
                piece = [number(start)] + ids[begin : begin + limit - 2] + [number(end)]
                with torch.no_grad():
                    logits = model(torch.tensor([piece]), attention_mask=torch.ones(1, len(piece))).logits[0]
                pieces.append({"ids": piece, "logits": [round(float(v), 6) for v in logits]})
            cases.append({"text": text, "pieces": pieces})
        assert len(cases[-1]["pieces"]) > 1, name
        expected[name] = cases
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(cases)}" for name, cases in expected.items())
    (out / "expected.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
