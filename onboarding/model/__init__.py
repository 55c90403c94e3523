"""The frozen values that rules read and return: the vocabulary, a case, its state, a playbook, a review."""
