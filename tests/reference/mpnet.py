#!/usr/bin/env python3
"""Independent reference values for the MPNet encoder.

Run with torch 2.4.0 and transformers 4.46.3:

    python -I tests/reference/mpnet.py > tests/reference/mpnet.json

A tiny MPNet of transformers is given weights by a formula that the test repeats, so that no weights need storing, and
encodes two rows of 200 tokens, the second with padding from token 150 on. Printed are the first four numbers of the
last layer's vectors at some tokens. 200 tokens reach past distance 128, from where on all relative positions share a
step.
"""

import json
import math
import sys

import torch
from transformers import MPNetConfig, MPNetModel

CONFIG = dict(
    vocab_size=60,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=48,
    max_position_embeddings=260,
    relative_attention_num_buckets=32,
    hidden_act="gelu",
    layer_norm_eps=1e-5,
    pad_token_id=1,
)
ROWS, LENGTH, PADDED_FROM = 2, 200, 150


def main():
    model = MPNetModel(MPNetConfig(**CONFIG), add_pooling_layer=False).eval()
    names = sorted(name for name, _ in model.named_parameters())
    with torch.no_grad():
        for number, name in enumerate(names):
            parameter = model.get_parameter(name)
            values = [
                0.3 * math.sin(0.7 * place + 1.3 * number) for place in range(parameter.numel())
            ]
            if name.endswith("LayerNorm.weight"):
                values = [1 + value for value in values]
            parameter.copy_(torch.tensor(values).reshape(parameter.shape))
        ids = (torch.arange(ROWS * LENGTH).reshape(ROWS, LENGTH) * 7) % 50 + 5
        mask = torch.ones_like(ids)
        ids[1, PADDED_FROM:] = 1
        mask[1, PADDED_FROM:] = 0
        vectors = model(input_ids=ids, attention_mask=mask).last_hidden_state
    cases = [
        {"row": row, "token": token, "numbers": [round(float(x), 6) for x in vectors[row, token, :4]]}
        for row, token in [(0, 0), (0, 77), (0, 199), (1, 3), (1, 149)]
    ]
    json.dump({"parameters": names, "cases": cases}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
