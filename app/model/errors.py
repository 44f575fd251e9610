"""The one error of the model."""


class DesignError(ValueError):
    """A design, or an edit of one, that would break an invariant.

    The message is one plain sentence that names the place and can be shown to a user as it is.
    """
