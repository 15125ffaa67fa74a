"""The variables that stop TensorFlow's messages on stderr; set before TensorFlow is imported."""

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
