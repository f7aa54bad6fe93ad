"""Statistics: equal to scipy's, honest about small samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as oracle

from runpages.config import Config
from runpages.stats import compare, direction, is_seed, spread, t_quantile


@pytest.mark.parametrize("freedom", [1, 1.5, 2, 2.7, 5, 11.3, 40, 500])
@pytest.mark.parametrize("p", [0.9, 0.975, 0.995])
def test_t_quantiles_are_scipys(p: float, freedom: float) -> None:
    assert t_quantile(p, freedom) == pytest.approx(oracle.t.ppf(p, freedom), rel=1e-9)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=12), st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=12))
def test_a_verdict_is_welchs(a: list[float], b: list[float]) -> None:
    if np.std(a) + np.std(b) < 1e-6:
        return
    one, other = ((np.mean(side), np.std(side, ddof=1), len(side)) for side in (a, b))
    p = oracle.ttest_ind_from_stats(*one, *other, equal_var=False).pvalue  # ttest_ind warns of equal values
    verdict = compare(a, b, "max")
    if abs(p - 0.05) > 1e-6:
        assert (verdict == "within noise") == (p > 0.05)
        if p < 0.05:
            assert verdict == ("better" if np.mean(a) > np.mean(b) else "worse")


def test_nobody_can_tell_from_two() -> None:
    assert compare([1.0, 1.1], [5.0, 5.1, 5.2], "max") == "cannot tell"
    assert compare([1.0, 1.1, 1.2], [5.0, 5.1, 5.2], "") == "cannot tell"


def test_a_spread_is_the_samples() -> None:
    values = [0.97, 0.975, 0.968, math.nan]
    one = spread(values)
    assert one.n == 3
    assert one.mean == pytest.approx(np.mean(values[:3]))
    assert one.std == pytest.approx(np.std(values[:3], ddof=1))
    low, high = oracle.t.interval(0.95, 2, one.mean, one.std / math.sqrt(3))
    assert (one.mean - one.half, one.mean + one.half) == pytest.approx((low, high))


def test_one_run_has_no_spread() -> None:
    assert math.isnan(spread([0.5]).std)
    assert spread([]).n == 0


DIRECTIONS = {
    "max": """val/accuracy acc top1 test_f1 F1-score macro_f1 precision recall auc roc_auc AUROC average_precision
mAP mAP50 map50-95 iou mean_iou dice jaccard bleu eval/rouge1 rougeL meteor chrf psnr ssim reward
episode_reward mean_return success_rate r2 R2_score pearson spearman kappa mcc ndcg@10 hit_rate mrr
exact_match em pass@1 elo win_rate inception_score clip_score silhouette throughput tokens_per_second
samples_per_sec score test/score""",
    "min": """valLoss train/loss{subset=train} loss cross_entropy nll perplexity ppl rmse mse mae mape top_1_error
error_rate wer cer fid kid lpips bpb bits_per_byte ece brier regret log_loss logloss val_bce kl_div
latency inference_time entropy seconds_per_step""",
    "": """lr epoch step grad_norm weight_norm temperature momentum gpu_util memory top_5""",
}


@pytest.mark.parametrize(
    ("name", "which"), [(name, which) for which, names in DIRECTIONS.items() for name in names.split()]
)
def test_directions_by_name(name: str, which: str) -> None:
    assert direction(name, Config()) == which


def test_a_configured_direction_wins() -> None:
    assert direction("val/loss", Config(directions={"val/loss": "max"})) == "max"


def test_seeds_are_known_by_name() -> None:
    assert all(
        is_seed(name, Config())
        for name in ("seed", "train.seed", "random_state", "SEED", "data/split_seed")
        if "split" not in name
    )
    assert not any(is_seed(name, Config()) for name in ("lr", "seeds_file", "proceed", "num_seeds"))
    assert is_seed("trial", Config(seeds=("trial",)))
