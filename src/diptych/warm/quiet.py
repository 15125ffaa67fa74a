"""The variables that keep TensorFlow from logging to stderr; set before it is imported."""

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
