"""The parameters of XGBoost and LightGBM by every name that they go by.

XGBoost 3.2.0: its page "XGBoost Parameters" and its estimators' own; LightGBM 4.7.0: what its library says of
aliases (`LGBM_DumpParamAliases`), without those of its command line. Taken on 2026-11-30, and held against the
installed libraries by the tests. The compiler reads this as well, so nothing here imports a library.
"""

from __future__ import annotations

from collections.abc import Mapping

_ALIASES: Mapping[str, Mapping[str, str]] = {
    "xgboost": {
        "gamma": "min_split_loss",
        "learning_rate": "eta",
        "n_estimators": "num_boost_round num_round num_rounds",
        "n_jobs": "nthread",
        "random_state": "seed",
        "reg_alpha": "alpha",
        "reg_lambda": "lambda",
    },
    "lightgbm": {
        "bagging_seed": "bagging_fraction_seed",
        "boosting_type": "boosting boost",
        "categorical_feature": "cat_column cat_feature categorical_column categorical_features",
        "colsample_bytree": "feature_fraction sub_feature",
        "data_random_seed": "data_seed",
        "device_type": "device",
        "drop_rate": "rate_drop",
        "early_stopping_rounds": "early_stopping_round early_stopping n_iter_no_change",
        "enable_bundle": "bundle is_enable_bundle",
        "extra_trees": "extra_tree",
        "feature_contri": "fc feature_contrib feature_penalty fp",
        "feature_fraction_bynode": "colsample_bynode sub_feature_bynode",
        "forcedsplits_filename": "forced_splits forced_splits_file forced_splits_filename fs",
        "histogram_pool_size": "hist_pool_size",
        "is_enable_sparse": "enable_sparse is_sparse sparse",
        "is_unbalance": "unbalance unbalanced_sets",
        "learning_rate": "eta shrinkage_rate",
        "linear_tree": "linear_trees",
        "max_bin": "max_bins",
        "max_delta_step": "max_leaf_output max_tree_output",
        "metric": "metric_types metrics",
        "min_child_samples": "min_data_in_leaf min_data min_data_per_leaf min_samples_leaf",
        "min_child_weight": "min_sum_hessian_in_leaf min_hessian min_sum_hessian min_sum_hessian_per_leaf",
        "min_split_gain": "min_gain_to_split",
        "monotone_constraints": "mc monotone_constraint monotonic_cst",
        "monotone_constraints_method": "mc_method monotone_constraining_method",
        "monotone_penalty": "mc_penalty monotone_splits_penalty ms_penalty",
        "n_estimators": "num_iterations max_iter n_iter nrounds num_boost_round num_iteration num_round num_rounds"
        " num_tree num_trees",
        "n_jobs": "num_threads nthread nthreads num_thread",
        "neg_bagging_fraction": "neg_bagging neg_sub_row neg_subsample",
        "num_class": "num_classes",
        "num_leaves": "max_leaf max_leaf_nodes max_leaves num_leaf",
        "objective": "app application loss objective_type",
        "pos_bagging_fraction": "pos_bagging pos_sub_row pos_subsample",
        "random_state": "seed random_seed",
        "reg_alpha": "lambda_l1 l1_regularization",
        "reg_lambda": "lambda_l2 l2_regularization lambda",
        "subsample": "bagging_fraction bagging sub_row",
        "subsample_for_bin": "bin_construct_sample_cnt",
        "subsample_freq": "bagging_freq",
        "top_k": "topk",
        "tree_learner": "tree tree_learner_type tree_type",
        "verbosity": "verbose",
    },
}
"""The estimator's own name → the others."""

_OTHERS: Mapping[str, str] = {
    "xgboost": """
        base_score booster colsample_bylevel colsample_bynode
        colsample_bytree device disable_default_eval_metric early_stopping_rounds enable_categorical eval_metric
        feature_selector feature_weights grow_policy huber_slope importance_type interaction_constraints max_bin
        max_cached_hist_node max_cat_threshold max_cat_to_onehot max_delta_step max_depth max_leaves min_child_weight
        missing monotone_constraints multi_strategy normalize_type num_class num_parallel_tree objective one_drop
        process_type quantile_alpha rate_drop refresh_leaf sample_type sampling_method scale_pos_weight
        seed_per_iteration skip_drop subsample tolerance top_k tree_method tweedie_variance_power updater
        validate_parameters verbosity
    """,
    "lightgbm": """
        alpha auc_mu_weights bagging_by_query boost_from_average cat_l2 cat_smooth cegb_penalty_feature_coupled
        cegb_penalty_feature_lazy cegb_penalty_split cegb_tradeoff class_weight data_sample_strategy deterministic
        drop_seed early_stopping_min_delta extra_seed fair_c feature_fraction_seed feature_pre_filter
        first_metric_only force_col_wise force_row_wise forcedbins_filename gpu_device_id gpu_device_id_list
        gpu_platform_id gpu_use_dp importance_type interaction_constraints linear_lambda max_bin_by_feature
        max_cat_threshold max_cat_to_onehot max_depth max_drop min_data_in_bin min_data_per_group multi_error_top_k
        num_grad_quant_bins objective_seed other_rate path_smooth poisson_max_delta_step quant_train_renew_leaf
        reg_sqrt scale_pos_weight sigmoid skip_drop stochastic_rounding top_rate tweedie_variance_power uniform_drop
        use_missing use_quantized_grad xgboost_dart_mode zero_as_missing
    """,
}
"""Parameters that have one name."""

TRAINERS_OWN = ("contract", "framework", "train", "validation", "previous", "task", "model", "metrics")
"""Flags of the built-in trainer itself."""
STOPPING = "early_stopping_rounds"
"""Rounds without a better value on the validation rows, after which both libraries stop."""
WHOLE = frozenset(
    (
        *("n_estimators", "max_depth", "max_leaves", "num_leaves", "max_bin", "num_parallel_tree", STOPPING),
        *("n_jobs", "random_state", "min_child_samples", "subsample_freq", "subsample_for_bin", "num_class", "top_k"),
    )
)
"""Those that count something; a platform may say 100.0."""


def names_of(framework: str) -> dict[str, str]:
    """Every name that a parameter goes by → the one of the estimator."""
    own = _ALIASES.get(framework, {})
    known = {name: name for name in (*own, *_OTHERS.get(framework, "").split())}
    return known | {other: name for name, others in own.items() for other in others.split()}
